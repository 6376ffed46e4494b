/** The port `Store` on PostgreSQL: each call takes a connection, does its round trips and gives it back. */
import type { Registry } from '@ackord/core';
import type {
  Bookmark,
  BookmarkKey,
  RecordKey,
  Snapshot,
  Store,
  StoreTransaction,
  TransactionEnd,
} from '../engine/ports.ts';
import type { Connection } from './connection.ts';
import type { Database } from './database.ts';
import { DatabaseFailure } from './failure.ts';
import type { Life } from './life.ts';
import { type Owners, ownersOf } from './owners.ts';
import { placeAll } from './place.ts';
import { trim } from './retention.ts';
import { type WaitingRow, waitingOf } from './rows.ts';
import { PostgresSnapshot } from './snapshot.ts';
import { textArray } from './sql-arrays.ts';
import { readBookmarks } from './statements/bookmark/read-bookmarks.ts';
import { holdDuty, leaveDuty } from './statements/duty/duties.ts';
import { readClock } from './statements/session/read-clock.ts';
import { readAwaitedParents } from './statements/waiting/read-awaited-parents.ts';
import { readWaitingByActor } from './statements/waiting/read-waiting-by-actor.ts';
import { failuresOf, keepFailures } from './sync-failures.ts';
import { PostgresTransaction } from './transaction.ts';
import { waitingForParents } from './waiting.ts';
import { bookmarksToRows, pruneToRows } from './write-details.ts';

/** `life` is asked anew whenever it is needed. All calls but `transaction` reject with a DatabaseFailure. */
export function createStore(database: Database, registry: Registry, life: () => Life): Store {
  const owners = ownersOf(registry);
  return {
    transaction: (work) => runTransaction(database, owners, work),
    snapshot: (work) => runSnapshot(database, registry, owners, work),
    place: (requests) => database.use((connection) => placeAll(connection, requests)),
    waitingFor: (parents) => database.use((connection) => waitingForParents(connection, parents)),
    awaitedParents: (parentsMax) =>
      database.use((connection) => connection.rows<RecordKey>(readAwaitedParents, [parentsMax])),
    waitingOf: (userId) =>
      database.use(async (connection) =>
        (await connection.rows<WaitingRow>(readWaitingByActor, [userId])).map(waitingOf),
      ),
    saveBookmarks: (bookmarks) => database.use((connection) => keepBookmarks(connection, bookmarks)),
    bookmarks: (keys) => database.use((connection) => bookmarksAt(connection, keys)),
    saveFailures: (failures) => database.use((connection) => keepFailures(connection, failures)),
    failures: (userId, device) => database.use((connection) => failuresOf(connection, userId, device)),
    trim: (before, rowsMax) => database.use((connection) => trim(connection, before, rowsMax)),
    holdDuty: (duty, holder, milliseconds) =>
      database.use(async (connection) => {
        const rows = await connection.rows(holdDuty, [duty, holder, milliseconds]);
        return rows.length > 0;
      }),
    leaveDuty: (duty, holder) =>
      database.use(async (connection) => void (await connection.count(leaveDuty, [duty, holder]))),
    get epoch() {
      return life().epoch;
    },
    get cursorKeys() {
      return life().cursorKeys;
    },
  };
}

async function bookmarksAt(
  connection: Connection,
  keys: readonly BookmarkKey[],
): Promise<readonly (Bookmark | null)[]> {
  const rows = await connection.rows<{ readonly position: number; readonly state: unknown }>(readBookmarks, [
    textArray(keys.map(({ userId }) => userId)),
    textArray(keys.map(({ key }) => key)),
  ]);
  const states = new Map(rows.map(({ position, state }) => [position, state]));
  return keys.map((key, at) => (states.has(at + 1) ? { ...key, state: states.get(at + 1) } : null));
}

async function runTransaction<T>(
  database: Database,
  owners: Owners,
  work: (transaction: StoreTransaction) => Promise<T>,
): Promise<TransactionEnd<T>> {
  let connection: Connection;
  try {
    connection = await database.connect();
  } catch (error) {
    return endOf(error);
  }
  const transaction = new PostgresTransaction(connection, owners);
  try {
    const value = await work(transaction);
    if (connection.failure) throw connection.failure;
    await transaction.commit();
    return { outcome: 'committed', value };
  } catch (error) {
    await transaction.rollback();
    return endOf(error);
  } finally {
    connection.release();
  }
}

/** An outcome, if the database said so; whatever else was thrown is a bug and goes on. */
function endOf(error: unknown): Exclude<TransactionEnd<never>, { outcome: 'committed' }> {
  if (!(error instanceof DatabaseFailure)) throw error;
  return { outcome: error.outcome, cause: error.message };
}

/** What begins it travels with the first question, and nobody waits for its end: there is nothing to keep. */
async function runSnapshot<T>(
  database: Database,
  registry: Registry,
  owners: Owners,
  work: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  const connection = await database.connect();
  const clock = Promise.all([
    connection.command('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'),
    connection.rows<{ now: number }>(readClock),
  ]).then(([, [row]]) => row?.now ?? 0);
  // Whoever asks hears of a failure.
  clock.catch(() => {});
  const snapshot = new PostgresSnapshot(connection, clock, registry, owners);
  try {
    return await work(snapshot);
  } finally {
    snapshot.end();
    void endSnapshot(connection);
  }
}

async function endSnapshot(connection: Connection): Promise<void> {
  if (!connection.isLost) await connection.command('COMMIT').catch(() => {});
  connection.release();
}

/** No wait for the disk: a bookmark that a crash takes costs its user an overlap. */
async function keepBookmarks(connection: Connection, bookmarks: readonly Bookmark[]): Promise<void> {
  const saved = [bookmarksToRows, pruneToRows].flatMap((toRows) => toRows({ bookmarks }) ?? []);
  await Promise.all([
    connection.command('BEGIN'),
    connection.command('SET LOCAL synchronous_commit = off'),
    ...saved.map((write) => connection.count(write.statement, write.values)),
    connection.command('COMMIT'),
  ]);
}
