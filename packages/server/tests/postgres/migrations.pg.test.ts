/** Migrations: started twice at once, taken back and forth, edited after the fact, newer than the server. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../../../../tests/support/postgres.ts';
import type { BatchDetails } from '../../src/engine/ports.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { exclusively } from '../../src/store/exclusively.ts';
import { migrateDown, migrateUp, readMigrations } from '../../src/store/migrate.ts';
import { bookOf, deleted, libraryOf, newPlace, put, recordsIn, within } from '../store/shelf.ts';
import { freshDatabase, openOn, type Session, withSession } from './support.ts';

const run = promisify(execFile);

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const NOTHING: BatchDetails = {
  history: [],
  descendantsOf: [],
  deletions: [],
  uniques: [],
  openConflicts: [],
  conflicts: [],
  versionsAt: [],
};

const asOwner = async <T>(
  work: (owner: Awaited<ReturnType<Database['connect']>>) => Promise<T>,
): Promise<T> => {
  const opened = openDatabase({
    url: database.ownerUrl,
    poolMax: 1,
    role: null,
    statementMsMax: 0,
    log: () => {},
  });
  try {
    return await opened.use((owner) => exclusively(owner, () => work(owner)));
  } finally {
    await opened.close();
  }
};

/** Tables, columns, indexes, constraints and policies, as PostgreSQL writes them. */
const shapeOf = (session: Session) =>
  session.rows<{ line: string }>(`
    SELECT line FROM (
      SELECT format('%s.%s %s %s', table_name, column_name, data_type, is_nullable) AS line
        FROM information_schema.columns WHERE table_schema = 'ackord'
      UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'ackord'
      UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'ackord'::regnamespace
      UNION ALL SELECT format('%s %s %s', tablename, policyname, qual) FROM pg_policies WHERE schemaname = 'ackord'
    ) AS shape ORDER BY line`);

test('two servers that start at once on an empty database agree', async () => {
  const start = async () => {
    const script = fileURLToPath(new URL('./open-store.ts', import.meta.url));
    const { stdout } = await run(process.execPath, [
      '--import',
      '@ackord/run-typescript',
      script,
      database.ownerUrl,
    ]);
    return JSON.parse(stdout) as { epoch: number; key: string; lines: string[] };
  };
  const [one, other] = await Promise.all([start(), start()]);
  expect(one.epoch).toBe(1);
  expect(other).toMatchObject({ epoch: one.epoch, key: one.key });
  expect(one.key).toHaveLength(64);
  // One of them migrated, the other found it done.
  expect([...one.lines, ...other.lines].filter((line) => line.startsWith('migrated'))).toHaveLength(1);
  const migrations = await readMigrations();
  const applied = await withSession(database.ownerUrl, (session) =>
    session.rows('SELECT number, name FROM ackord.migration ORDER BY number'),
  );
  expect(applied).toEqual(migrations.map(({ number, name }) => ({ number, name })));
});

describe('back and forth', () => {
  test('what stands above the first migration goes and comes back, and the data stays', async () => {
    const place = newPlace();
    const grave = deleted(bookOf(place, 2), 3, 'one-deletion');
    const records = [libraryOf(place, 1), grave];
    const before = await openOn(database);
    await put(before.store, ...records);
    await before.close();
    const full = await withSession(database.ownerUrl, shapeOf);

    const later = (await readMigrations()).slice(1).map(({ name }) => name);
    expect(later.length).toBeGreaterThan(0);
    expect(await asOwner((owner) => migrateDown(owner, { to: 1 }))).toEqual(later.toReversed());
    expect(await withSession(database.ownerUrl, shapeOf)).not.toEqual(full);
    expect(await asOwner((owner) => migrateUp(owner))).toEqual(later);
    expect(await withSession(database.ownerUrl, shapeOf)).toEqual(full);

    const after = await openOn(database);
    expect(await recordsIn(after.store, place.scope, records)).toEqual(records);
    const found = await within(after.store, [place.scope], (transaction) =>
      transaction.readDetails({ ...NOTHING, deletions: [{ scope: place.scope, deletion: 'one-deletion' }] }),
    );
    expect(found.records).toEqual([grave]);
    await after.close();
  });

  test('all of it goes, and comes back empty in the same shape', async () => {
    const full = await withSession(database.ownerUrl, shapeOf);
    await asOwner((owner) => migrateDown(owner, { to: 0 }));
    const left = await withSession(database.ownerUrl, (session) =>
      session.rows(
        `SELECT relname FROM pg_class WHERE relnamespace = 'ackord'::regnamespace AND relkind = 'r'`,
      ),
    );
    expect(left).toEqual([{ relname: 'migration' }]);
    await asOwner((owner) => migrateUp(owner, { to: 1 }));
    await asOwner((owner) => migrateUp(owner));
    expect(await withSession(database.ownerUrl, shapeOf)).toEqual(full);
  });

  test('a server starts on what was taken back, views and rights included', async () => {
    await asOwner((owner) => migrateDown(owner, { to: 0 }));
    const opened = await openOn(database);
    const place = newPlace();
    await put(opened.store, libraryOf(place, 1));
    expect(await opened.ping()).toBe(true);
    await opened.close();
  });
});

describe('what ran', () => {
  test('a migration that was edited after it ran is refused, with a text for the operator', async () => {
    await withSession(database.ownerUrl, (session) =>
      session.rows(`UPDATE ackord.migration SET checksum = 'edited' WHERE number = 1`),
    );
    await expect(openOn(database)).rejects.toThrow(/Migration 1 \(initial\) ran .* with another text/);
    const [{ checksum } = { checksum: '' }] = await readMigrations();
    await withSession(database.ownerUrl, (session) =>
      session.rows('UPDATE ackord.migration SET checksum = $1 WHERE number = 1', [checksum]),
    );
  });

  test('a database that is newer than the server is no error', async () => {
    await withSession(database.ownerUrl, (session) =>
      session.rows(`INSERT INTO ackord.migration (number, name, checksum) VALUES (9999, 'of-tomorrow', 'x')`),
    );
    const opened = await openOn(database);
    expect(await opened.ping()).toBe(true);
    await opened.close();
  });

  test('a migration that fails leaves nothing of itself', async () => {
    await withSession(database.ownerUrl, (session) =>
      session.rows(`DELETE FROM ackord.migration WHERE number = 2`),
    );
    // Its index is still there, so it can't run again.
    await expect(asOwner((owner) => migrateUp(owner))).rejects.toMatchObject({ outcome: 'refused' });
    const numbers = await withSession(database.ownerUrl, (session) =>
      session.rows<{ number: number }>('SELECT number FROM ackord.migration'),
    );
    expect(numbers.map(({ number }) => number)).not.toContain(2);
  });
});
