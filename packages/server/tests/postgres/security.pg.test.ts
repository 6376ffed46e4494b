/** Row-level security and rights: what stands behind the store, should it ever forget to ask for the right scopes. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../../../../tests/support/postgres.ts';
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres-store.ts';
import {
  bookOf,
  commit,
  conflictOf,
  libraryOf,
  newPlace,
  put,
  recordsIn,
  writesFor,
} from '../store/shelf.ts';
import { storeTestRegistry } from '../store-conformance.ts';
import { freshDatabase, openOn, type Session, withSession } from './support.ts';

let database: TestDatabase;
let opened: PostgresStore;
const [mine, foreign] = [newPlace(), newPlace()];
const EMPTY_DIGEST = { count: 1, high: 1n, low: 2n };

beforeAll(async () => {
  database = await freshDatabase();
  opened = await openOn(database);
  for (const place of [mine, foreign]) {
    const book = bookOf(place, 2);
    await commit(opened.store, [place.scope], {
      ...writesFor([libraryOf(place, 1), book]),
      conflicts: [conflictOf(book)],
      digests: [{ scope: place.scope, type: book.type, digest: EMPTY_DIGEST }],
    });
  }
});
afterAll(async () => {
  await opened.close();
  await database.drop();
});

const TABLES = ['record', 'sync_log', 'sync_conflict', 'digest'];

async function inTransaction<T>(
  scopes: readonly string[] | null,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  return withSession(database.appUrl, async (session) => {
    await session.rows('BEGIN');
    if (scopes) {
      const named = JSON.stringify(Object.fromEntries(scopes.map((scope) => [scope, 0])));
      await session.rows(`SELECT set_config('ackord.scopes', $1, true)`, [named]);
    }
    const result = await work(session);
    await session.rows('ROLLBACK');
    return result;
  });
}

describe('row-level security', () => {
  test.each(TABLES)('%s shows nothing to a session that has named no scope', async (table) => {
    expect(await inTransaction(null, (session) => session.rows(`SELECT 1 FROM ackord.${table}`))).toEqual([]);
    // And there is something to show.
    const all = await withSession(database.ownerUrl, (session) =>
      session.rows(`SELECT 1 FROM ackord.${table}`),
    );
    expect(all.length).toBeGreaterThan(1);
  });

  test.each(TABLES)('%s shows rows of the named scopes alone', async (table) => {
    const scopesIn = (named: readonly string[]) =>
      inTransaction(named, async (session) =>
        (await session.rows<{ scope_id: string }>(`SELECT DISTINCT scope_id FROM ackord.${table}`)).map(
          ({ scope_id }) => scope_id,
        ),
      );
    expect(await scopesIn([mine.scope])).toEqual([mine.scope]);
    expect((await scopesIn([mine.scope, foreign.scope])).toSorted()).toEqual(
      [mine.scope, foreign.scope].toSorted(),
    );
    expect(await scopesIn(['library:nobody'])).toEqual([]);
  });

  test('the list ends with its transaction', async () => {
    await withSession(database.appUrl, async (session) => {
      const named = JSON.stringify({ [mine.scope]: 0 });
      await session.rows('BEGIN');
      await session.rows(`SELECT set_config('ackord.scopes', $1, true)`, [named]);
      await session.rows('COMMIT');
      expect(await session.rows('SELECT 1 FROM ackord.record')).toEqual([]);
    });
  });

  test('rows of a scope that was not named cannot be written', async () => {
    const insert = `INSERT INTO ackord.digest (scope_id, type, count, high, low) VALUES ($1, 'shelf.Tag', 0, 0, 0)`;
    await inTransaction([mine.scope], (session) => session.rows(insert, [mine.scope]));
    await expect(
      inTransaction([mine.scope], (session) => session.rows(insert, [foreign.scope])),
    ).rejects.toThrow('row-level security');
    const touched = await inTransaction([mine.scope], (session) =>
      session.rows('UPDATE ackord.record SET version = 99 WHERE scope_id = $1 RETURNING id', [foreign.scope]),
    );
    expect(touched).toEqual([]);
  });

  test('a view asks with the rights of whoever reads it', async () => {
    const ids = (scopes: readonly string[] | null) =>
      inTransaction(scopes, (session) => session.rows<{ id: string }>('SELECT id FROM shelf.library'));
    expect(await ids(null)).toEqual([]);
    expect(await ids([mine.scope])).toEqual([{ id: mine.id }]);
  });
});

describe('rights', () => {
  test.each([
    'CREATE TABLE ackord.mine (id text)',
    'DROP TABLE ackord.record',
    'ALTER TABLE ackord.record DISABLE ROW LEVEL SECURITY',
    `UPDATE ackord.setting SET value = 'null'`,
    'DELETE FROM ackord.migration',
    'TRUNCATE ackord.receipt',
  ])('the application may not: %s', async (statement) => {
    await expect(inTransaction([mine.scope], (session) => session.rows(statement))).rejects.toThrow(
      /permission denied|must be owner/,
    );
  });

  test('without a second login the owner acts as the application', async () => {
    const own = await freshDatabase();
    const alone = await openPostgresStore({
      ownerUrl: own.ownerUrl,
      registry: storeTestRegistry,
      log: () => {},
    });
    const place = newPlace();
    const library = libraryOf(place, 1);
    await put(alone.store, library);
    expect(await recordsIn(alone.store, place.scope, [library])).toEqual([library]);
    // What the application loses, the owner's login loses with it.
    await withSession(own.ownerUrl, ({ rows }) => rows('REVOKE SELECT ON ackord.record FROM ackord_app'));
    await expect(recordsIn(alone.store, place.scope, [library])).rejects.toMatchObject({ code: '42501' });
    await alone.close();
    await own.drop();
  });

  test('an owner who may not act as the application works alone, and says so once', async () => {
    const managed = await freshDatabase();
    const role = `managed_${randomBytes(6).toString('hex')}`;
    await withSession(managed.ownerUrl, async ({ rows }) => {
      await rows(`CREATE ROLE ${role} LOGIN PASSWORD 'managed-of-tests'`);
      const [row] = await rows<{ name: string }>('SELECT current_database() AS name');
      await rows(`GRANT CREATE ON DATABASE ${row?.name} TO ${role}`);
    });
    const ownerUrl = managed.appUrl.replace(/\/\/ackord_app(:[^@]*)?@/, `//${role}:managed-of-tests@`);
    const lines: string[] = [];
    const alone = await openPostgresStore({
      ownerUrl,
      registry: storeTestRegistry,
      log: (line) => lines.push(line),
    });
    const place = newPlace();
    const library = libraryOf(place, 1);
    await put(alone.store, library);
    expect(await recordsIn(alone.store, place.scope, [library])).toEqual([library]);
    expect(lines.filter((line) => line.includes('works as the owner'))).toHaveLength(1);
    await alone.close();
    await managed.drop();
    await withSession(database.ownerUrl, ({ rows }) => rows(`DROP ROLE ${role}`));
  });

  test('a login of another name gets the rights to rows as well', async () => {
    const role = `worker_${randomBytes(6).toString('hex')}`;
    const other = await freshDatabase();
    await withSession(other.ownerUrl, ({ rows }) =>
      rows(`CREATE ROLE ${role} LOGIN PASSWORD 'worker-of-tests'`),
    );
    const appUrl = other.appUrl.replace(/\/\/ackord_app(:[^@]*)?@/, `//${role}:worker-of-tests@`);
    const working = await openPostgresStore({
      ownerUrl: other.ownerUrl,
      appUrl,
      registry: storeTestRegistry,
      log: () => {},
    });
    const place = newPlace();
    const library = libraryOf(place, 1);
    await put(working.store, library);
    expect(await recordsIn(working.store, place.scope, [library])).toEqual([library]);
    expect(await withSession(appUrl, ({ rows }) => rows('SELECT 1 FROM ackord.record'))).toEqual([]);
    await working.close();
    await other.drop();
    await withSession(database.ownerUrl, ({ rows }) => rows(`DROP ROLE ${role}`));
  });
});
