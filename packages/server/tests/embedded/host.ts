/**
 * A small server process around the embedded database, for tests that kill it.
 * Arguments: data folder, and what to do:
 *   serve    keep it running until killed (SIGTERM stops it in order, SIGINT is left unheard)
 *   insert   the same, and insert rows into `kept` in 4 sessions as fast as they are acknowledged
 *   forget   end without stopping the database
 * Prints a line of JSON when the database is up (or was refused), then the number of each acknowledged row.
 */
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/store/embedded.ts';
import { EmbeddedPostgresError } from '../../src/store/embedded-errors.ts';

const [, , dataFolder = '', mode = 'serve'] = process.argv;

async function main(): Promise<void> {
  const started = performance.now();
  const postgres = await startEmbeddedPostgres({ dataFolder });
  process.on('SIGTERM', () => postgres.stop().then(() => process.exit(0)));
  process.on('SIGINT', () => {});
  const { connectionString, ownerConnectionString, pid } = postgres;
  const startMs = performance.now() - started;
  print({ up: { connectionString, ownerConnectionString, pid, startMs, dataFolder: postgres.dataFolder } });
  if (mode === 'forget') return;
  setInterval(() => {}, 1_000);
  if (mode === 'insert') await insertForEver(postgres);
}

async function insertForEver(postgres: EmbeddedPostgres): Promise<void> {
  const pool = new pg.Pool({ connectionString: postgres.ownerConnectionString, max: 4 });
  await pool.query('CREATE TABLE IF NOT EXISTS kept (id int PRIMARY KEY, filler text)');
  const [last] = (await pool.query<{ max: number | null }>('SELECT max(id) FROM kept')).rows;
  let next = (last?.max ?? -1) + 1;
  const session = async (): Promise<void> => {
    for (;;) {
      const id = next++;
      await pool.query('INSERT INTO kept VALUES ($1, repeat($2, 500))', [id, String(id)]);
      process.stdout.write(`${id}\n`);
    }
  };
  await Promise.all(Array.from({ length: 4 }, session));
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

main().catch((error: unknown) => {
  print({ refused: error instanceof EmbeddedPostgresError ? error.code : 'UNEXPECTED', why: String(error) });
  process.exitCode = 1;
});
