/**
 * Rung 10: all rows of a batch and the COMMIT in one round trip, a statement per table. Each statement starts to run
 * while the next one is still being encoded.
 * Promise: resolves when everything is durable; else nothing of it is there, or nobody knows (`unavailable`).
 */
import { setImmediate } from 'node:timers/promises';
import type { WriteSet } from '../engine/ports.ts';
import type { Connection, SqlValue } from './connection.ts';
import { DatabaseFailure } from './failure.ts';
import {
  bookmarksToRows,
  conflictsToRows,
  membershipsToRows,
  pruneToRows,
  waitingDoneToRows,
  waitingToRows,
} from './write-details.ts';
import {
  digestsToRows,
  headsToRows,
  locationsToRows,
  logToRows,
  newLocationsToRows,
  newRecordsToRows,
  receiptsToRows,
  recordsToRows,
  type WriteContext,
} from './write-rows.ts';

/** Small tables first: PostgreSQL works on them while the big ones are being encoded. */
const TABLES = [
  newLocationsToRows,
  locationsToRows,
  logToRows,
  receiptsToRows,
  newRecordsToRows,
  recordsToRows,
  conflictsToRows,
  waitingToRows,
  waitingDoneToRows,
  membershipsToRows,
  bookmarksToRows,
  pruneToRows,
  digestsToRows,
  headsToRows,
] as const;

/**
 * After so much has been handed to the socket, others get a turn: only then does more of it leave this process, and a
 * big batch must not keep small ones waiting.
 */
const BYTES_PER_TURN = 64 * 1024;

export async function sendWrites(
  connection: Connection,
  writes: WriteSet,
  context: WriteContext,
): Promise<void> {
  const sent: Promise<number>[] = [];
  let bytes = 0;
  try {
    for (const toRows of TABLES) {
      const write = toRows(writes, context);
      if (!write) continue;
      const answer = connection.count(write.statement, write.values);
      // Looked at below; it may fail before that.
      answer.catch(() => {});
      sent.push(answer);
      bytes += bytesOf(write.values);
      if (bytes < BYTES_PER_TURN) continue;
      bytes = 0;
      await setImmediate();
    }
  } catch (error) {
    await Promise.allSettled(sent);
    if (error instanceof RangeError) throw new DatabaseFailure('refused', error.message, { cause: error });
    throw error;
  }
  await Promise.all([...sent, connection.command('COMMIT')]);
}

const bytesOf = (values: readonly SqlValue[]): number =>
  values.reduce<number>((sum, value) => sum + (Buffer.isBuffer(value) ? value.length : 0), 0);
