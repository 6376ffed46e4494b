/**
 * Brings the tables up to date, or back. Migrations are plain SQL files, `0001-name.up.sql` and `.down.sql`, each run
 * in a transaction of its own; which ones ran, and with what text, stands in the table `migration`.
 *
 * Policy: expand, then contract. A migration only adds (tables, columns with defaults, indexes), so that the server
 * before it goes on working beside the new one; what nobody uses any more is dropped a release later. Hence servers
 * can be replaced one by one, and a database that is newer than this server is no error.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { Connection } from './connection.ts';

const FOLDER = new URL('./migrations/', import.meta.url);
const FILE = /^(\d{4})-([a-z0-9-]+)\.up\.sql$/;

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly up: string;
  readonly down: string;
  /** SHA-256 of `up`. */
  readonly checksum: string;
}

/** In order. */
export async function readMigrations(): Promise<Migration[]> {
  const files = (await readdir(FOLDER)).filter((file) => FILE.test(file)).sort();
  return Promise.all(
    files.map(async (file) => {
      const [, number = '', name = ''] = FILE.exec(file) ?? [];
      const up = await readFile(new URL(file, FOLDER), 'utf8');
      const down = await readFile(new URL(file.replace('.up.', '.down.'), FOLDER), 'utf8');
      return {
        number: Number(number),
        name,
        up,
        down,
        checksum: createHash('sha256').update(up).digest('hex'),
      };
    }),
  );
}

/** Runs what is missing, up to number `to`. Returns the names of what it ran. Call it under `exclusively`. */
export async function migrateUp(
  owner: Connection,
  { to = Infinity }: { to?: number } = {},
): Promise<string[]> {
  const migrations = await readMigrations();
  const applied = await readApplied(owner);
  refuseChangedText(migrations, applied);
  const missing = migrations.filter(({ number }) => number <= to && !applied.has(number));
  for (const { number, name, up, checksum } of missing) {
    await inTransaction(owner, [
      up,
      `INSERT INTO migration (number, name, checksum) VALUES (${number}, '${name}', '${checksum}')`,
    ]);
  }
  return missing.map(({ name }) => name);
}

/** Takes back what stands above number `to`, newest first. Returns the names of what it took back. */
export async function migrateDown(owner: Connection, { to }: { to: number }): Promise<string[]> {
  const migrations = await readMigrations();
  const applied = await readApplied(owner);
  const superfluous = migrations.filter(({ number }) => number > to && applied.has(number)).reverse();
  for (const { number, down } of superfluous) {
    await inTransaction(owner, [down, `DELETE FROM migration WHERE number = ${number}`]);
  }
  return superfluous.map(({ name }) => name);
}

/** Checksums of what ran, by number. Makes schema and table at first. */
async function readApplied(owner: Connection): Promise<Map<number, string>> {
  const schemas = await owner.rows<{ nspname: string }>({
    name: 'find-schema',
    text: `SELECT nspname FROM pg_namespace WHERE nspname = 'ackord'`,
  });
  // Asked for first, since IF NOT EXISTS needs the right to make schemas even where one is there.
  if (schemas.length === 0) await owner.command('CREATE SCHEMA ackord');
  await owner.command(
    `CREATE TABLE IF NOT EXISTS ackord.migration (
      number integer PRIMARY KEY,
      name text NOT NULL,
      checksum text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )`,
  );
  const rows = await owner.rows<{ number: number; checksum: string }>({
    name: 'read-migrations',
    text: 'SELECT number, checksum FROM ackord.migration',
  });
  return new Map(rows.map(({ number, checksum }) => [number, checksum]));
}

function refuseChangedText(migrations: readonly Migration[], applied: ReadonlyMap<number, string>): void {
  for (const { number, name, checksum } of migrations) {
    const ran = applied.get(number);
    if (ran === undefined || ran === checksum) continue;
    throw new Error(
      `Migration ${number} (${name}) ran on this database with another text than this server has. Usual causes: ` +
        'the file was edited after a release, or the database belongs to another version of Ackord. Use the server ' +
        'version that made the database, or write the change as a migration of its own.',
    );
  }
}

async function inTransaction(owner: Connection, commands: readonly string[]): Promise<void> {
  await owner.command('BEGIN');
  try {
    for (const command of commands) await owner.script(command);
    await owner.command('COMMIT');
  } catch (error) {
    await owner.command('ROLLBACK').catch(() => {});
    throw error;
  }
}
