/** The port `Store` on PostgreSQL: each call takes a connection, does its round trips and gives it back. */
import type { Registry } from '@ackord/core';
import type {
  Bookmark,
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
import { readBookmark } from './statements/bookmark/read-bookmark.ts';
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
    snapshot: (work) => database.use((connection) => runSnapshot(connection, registry, owners, work)),
    place: (requests) => database.use((connection) => placeAll(connection, requests)),
    waitingFor: (parents) => database.use((connection) => waitingForParents(connection, parents)),
    awaitedParents: (parentsMax) =>
      database.use((connection) => connection.rows<RecordKey>(readAwaitedParents, [parentsMax])),
    waitingOf: (userId) =>
      database.use(async (connection) =>
        (await connection.rows<WaitingRow>(readWaitingByActor, [userId])).map(waitingOf),
      ),
    saveBookmarks: (bookmarks) => database.use((connection) => keepBookmarks(connection, bookmarks)),
    bookmark: (userId, key) =>
      database.use(async (connection) => {
        const [row] = await connection.rows<BookmarkRow>(readBookmark, [userId, key]);
        return row ? { userId: row.user_id, key: row.key, state: row.state } : null;
      }),
    saveFailures: (failures) => database.use((connection) => keepFailures(connection, failures)),
    failures: (userId, device) => database.use((connection) => failuresOf(connection, userId, device)),
    trim: (before, rowsMax) => database.use((connection) => trim(connection, before, rowsMax)),
    get epoch() {
      return life().epoch;
    },
    get cursorKeys() {
      return life().cursorKeys;
    },
  };
}

interface BookmarkRow {
  readonly user_id: string;
  readonly key: string;
  readonly state: unknown;
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

async function runSnapshot<T>(
  connection: Connection,
  registry: Registry,
  owners: Owners,
  work: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  const [, clock] = await Promise.all([
    connection.command('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'),
    connection.rows<{ now: number }>(readClock),
  ]);
  const snapshot = new PostgresSnapshot(connection, clock[0]?.now ?? 0, registry, owners);
  try {
    return await work(snapshot);
  } finally {
    snapshot.end();
    // There is nothing to keep, so a COMMIT that fails loses nothing.
    if (!connection.isLost) await connection.command('COMMIT').catch(() => {});
  }
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
