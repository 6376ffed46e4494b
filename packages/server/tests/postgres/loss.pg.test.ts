/** Lost connections: they are told apart from refusals, leave the pool, and the next one asks which life it is. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestDatabase } from '../../../../tests/support/postgres.ts';
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres-store.ts';
import { headOf, libraryOf, newPlace, put, writeSet } from '../store/shelf.ts';
import { storeTestRegistry } from '../store-conformance.ts';
import { freshDatabase, openOn, withSession } from './support.ts';

let database: TestDatabase;
let opened: PostgresStore;
beforeAll(async () => {
  database = await freshDatabase();
  opened = await openOn(database);
});
afterAll(async () => {
  await opened.close();
  await database.drop();
});

/** Cuts the store's sessions; with `busy`, only those within a transaction. */
const cut = (busy: boolean) =>
  withSession(database.ownerUrl, ({ rows }) =>
    rows(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'ackord'
         AND (NOT $1 OR state LIKE 'idle in transaction%')`,
      [busy],
    ),
  );

const SETTING = `(SELECT value FROM ackord.setting WHERE key = 'life')`;

test('a session that is cut in the middle makes the outcome unavailable, and nothing is written', async () => {
  const place = newPlace();
  const end = await opened.store.transaction(async (transaction) => {
    await transaction.lockScopes([place.scope], { wait: true });
    await cut(true);
    await transaction.write(writeSet({ heads: [{ scope: place.scope, head: 7, closed: false }] }));
  });
  expect(end).toMatchObject({ outcome: 'unavailable' });
  expect(await headOf(opened.store, place.scope)).toBe(0);
  // The pool did not hand the dead one out again.
  await put(opened.store, libraryOf(place, 1));
  expect(opened.statistics().total).toBeLessThanOrEqual(opened.statistics().max);
});

test('sessions that are cut while nobody uses them are replaced', async () => {
  await put(opened.store, libraryOf(newPlace(), 1));
  await cut(false);
  await expect.poll(() => opened.statistics().total).toBe(0);
  expect(await opened.ping()).toBe(true);
});

test('a call other than a transaction rejects with its outcome', async () => {
  const lost = opened.store.snapshot(async (snapshot) => {
    // Until its first question is answered, it is not within a transaction yet.
    await snapshot.now();
    expect(await cut(true)).toHaveLength(1);
    return snapshot.memberships('ann');
  });
  await expect(lost).rejects.toMatchObject({ outcome: 'unavailable' });
  expect(await opened.ping()).toBe(true);
});

test('a transaction that its caller left open is not handed to the next one', async () => {
  const place = newPlace();
  const bug = opened.store.transaction(async (transaction) => {
    await transaction.lockScopes([place.scope], { wait: true });
    throw new TypeError('a bug of the engine');
  });
  await expect(bug).rejects.toThrow('a bug of the engine');
  // Else this would wait for its lock, or see the transaction of before.
  await put(opened.store, libraryOf(place, 1));
});

test('where nothing listens, the outcome is unavailable at once', async () => {
  const nowhere = { ...database, ownerUrl: 'postgres://ackord@127.0.0.1:1/nowhere' };
  await expect(openOn(nowhere)).rejects.toMatchObject({ outcome: 'unavailable' });
});

test('a pool that is exhausted says unavailable, and serves again afterwards', async () => {
  const small = await openPostgresStore({
    ownerUrl: database.ownerUrl,
    appUrl: database.appUrl,
    registry: storeTestRegistry,
    poolMax: 1,
    log: () => {},
  });
  const place = newPlace();
  let inner: unknown;
  const outer = await small.store.transaction(async (transaction) => {
    await transaction.lockScopes([place.scope], { wait: true });
    inner = await small.store.transaction((other) => other.lockScopes([place.scope], { wait: true }));
  });
  expect(inner).toMatchObject({ outcome: 'unavailable' });
  // It was left open for longer than any may be, while the other one waited for its connection.
  expect(outer).toMatchObject({ outcome: 'unavailable' });
  await put(small.store, libraryOf(place, 1));
  expect(small.statistics()).toMatchObject({ total: 1, waiting: 0, max: 1 });
  await small.close();
}, 30_000);

test('a database of another timeline begins a new epoch, for running servers too, and once', async () => {
  const { epoch, cursorKeys } = opened.store;
  // As a standby would find it that takes over.
  await withSession(database.ownerUrl, ({ rows }) =>
    rows(
      `UPDATE ackord.setting SET value = jsonb_set(value, '{identity,timeline}', '"000000FF"') WHERE key = 'life'`,
    ),
  );
  expect(opened.store.epoch).toBe(epoch);
  await cut(false);
  await expect.poll(() => opened.statistics().total).toBe(0);
  await put(opened.store, libraryOf(newPlace(), 1));
  expect(opened.store.epoch).toBe(epoch + 1);

  const lines: string[] = [];
  const other = await openOn(database, lines);
  expect(other.store.epoch).toBe(epoch + 1);
  expect(other.store.cursorKeys).toEqual(cursorKeys);
  expect(lines).toEqual([]);
  await other.close();
});

test('a backup that was restored elsewhere begins a new epoch at the next start', async () => {
  const { epoch } = opened.store;
  await withSession(database.ownerUrl, ({ rows }) =>
    rows(`UPDATE ackord.setting SET value = jsonb_set(value, '{identity,system}', '"1"') WHERE key = 'life'`),
  );
  const lines: string[] = [];
  const other = await openOn(database, lines);
  expect(other.store.epoch).toBe(epoch + 1);
  expect(lines.join()).toContain(`epoch ${epoch + 1} begins`);
  await other.close();
  const [row] = await withSession(database.ownerUrl, ({ rows }) =>
    rows<{ epoch: number }>(`SELECT ${SETTING} -> 'epoch' AS epoch`),
  );
  expect(row?.epoch).toBe(epoch + 1);
});

test('a database that does not say which one it is keeps its epoch', async () => {
  const { epoch } = opened.store;
  await withSession(database.ownerUrl, ({ rows }) =>
    rows(
      `UPDATE ackord.setting SET value = jsonb_set(value, '{identity}', '{"system": null, "timeline": null}') WHERE key = 'life'`,
    ),
  );
  const other = await openOn(database);
  expect(other.store.epoch).toBeGreaterThanOrEqual(epoch);
  const [row] = await withSession(database.ownerUrl, ({ rows }) =>
    rows<{ life: { identity: { system: string } } }>(`SELECT ${SETTING} AS life`),
  );
  expect(row?.life.identity.system).toMatch(/^\d+$/);
  await other.close();
});
