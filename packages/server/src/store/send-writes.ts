/**
 * Rung 10: all rows of a batch and the COMMIT in one round trip, a statement per table. Each starts to run while the
 * next one is still being encoded.
 * Promise: resolves when everything is durable; else nothing of it is there, or nobody knows (`unavailable`).
 */
import type { WriteSet } from '../engine/ports.ts';
import type { Connection } from './connection.ts';
import { KEEP_PLANS } from './statements/session/plans.ts';
import {
  bookmarksToRows,
  conflictsToRows,
  finalReceiptsToRows,
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

/** What looks for rows. */
const CHANGES = [waitingDoneToRows, finalReceiptsToRows, bookmarksToRows, pruneToRows] as const;

/** What only adds rows, or replaces them by primary key. Small tables first: the big ones are encoded meanwhile. */
const INSERTS = [
  headsToRows,
  newLocationsToRows,
  locationsToRows,
  logToRows,
  receiptsToRows,
  newRecordsToRows,
  recordsToRows,
  digestsToRows,
  conflictsToRows,
  waitingToRows,
  membershipsToRows,
] as const;

export async function sendWrites(
  connection: Connection,
  writes: WriteSet,
  context: WriteContext,
): Promise<void> {
  const send = (tables: typeof CHANGES | typeof INSERTS): Promise<unknown>[] =>
    tables.flatMap((toRows) => {
      const write = toRows(writes, context);
      return write ? [connection.count(write.statement, write.values)] : [];
    });
  await Promise.all([
    ...send(CHANGES),
    connection.command(KEEP_PLANS),
    ...send(INSERTS),
    connection.command('COMMIT'),
  ]);
}
