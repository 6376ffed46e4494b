/**
 * Rung 10: all rows of a batch and the COMMIT in one round trip, a statement per table. Each statement starts to run
 * while the next one is still being encoded.
 * Promise: resolves when everything is durable; else nothing of it is there, or nobody knows (`unavailable`).
 */
import type { WriteSet } from '../engine/ports.ts';
import type { Connection } from './database.ts';
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

const TABLES = [
  newRecordsToRows,
  recordsToRows,
  logToRows,
  receiptsToRows,
  newLocationsToRows,
  locationsToRows,
  conflictsToRows,
  waitingToRows,
  waitingDoneToRows,
  membershipsToRows,
  bookmarksToRows,
  pruneToRows,
  digestsToRows,
  headsToRows,
] as const;

export async function sendWrites(
  connection: Connection,
  writes: WriteSet,
  context: WriteContext,
): Promise<void> {
  const sent: Promise<number>[] = [];
  try {
    for (const toRows of TABLES) {
      const write = toRows(writes, context);
      if (write) sent.push(connection.count(write.statement, write.values));
    }
  } catch (error) {
    await Promise.allSettled(sent);
    if (error instanceof RangeError) throw new DatabaseFailure('refused', error.message, { cause: error });
    throw error;
  }
  await Promise.all([...sent, connection.command('COMMIT')]);
}
