/**
 * Trims what is older than history is kept: a page of scopes at a time, since row-level security shows only scopes that
 * are named, and a bounded number of rows in each transaction.
 */
import { LIMITS } from '@ackord/core';
import type { Connection } from './connection.ts';
import { textArray } from './sql-arrays.ts';
import {
  emptyGraves,
  readScopePage,
  trimActs,
  trimBookmarks,
  trimCheckpoints,
  trimFailures,
  trimLog,
  trimReceipts,
  trimRefusals,
  trimSessions,
  trimWaiting,
} from './statements/retention/trim.ts';
import { nameScopes } from './statements/session/name-scopes.ts';

/** Any number will do that nothing else locks: two servers never trim at the same moment. */
const LOCK = 7_305_427_119;
const SCOPES_PER_PAGE = 1_000;

/** True when rows were left because there were more than `rowsMax` of a kind in a page. */
export async function trim(connection: Connection, before: number, rowsMax: number): Promise<boolean> {
  const moment = new Date(before).toISOString();
  let more = await trimming(connection, async () => {
    let full = false;
    for (const statement of [trimReceipts, trimBookmarks, trimFailures, trimWaiting])
      full = (await connection.count(statement, [moment, rowsMax])) >= rowsMax || full;
    return full;
  });
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: { id: string }[] = await connection.rows(readScopePage, [after, SCOPES_PER_PAGE]);
    const ids = page.map(({ id }) => id);
    if (ids.length > 0)
      more = (await trimming(connection, () => trimScopes(connection, ids, moment, rowsMax))) || more;
    after = ids.at(-1);
  }
  return more;
}

/**
 * One step, in a transaction that holds the lock: a server that is frozen in it gives it back with the transaction, which
 * the database ends. False when another server is at it.
 */
async function trimming(connection: Connection, work: () => Promise<boolean>): Promise<boolean> {
  const [, , [lock]] = await Promise.all([
    connection.command('BEGIN'),
    // Old rows are found by their age, which only bitmap scans of BRIN can.
    connection.command('SET LOCAL enable_bitmapscan = on'),
    connection.rows<{ mine: boolean }>({
      name: 'claim-trimming',
      text: `SELECT pg_try_advisory_xact_lock(${LOCK}) AS mine`,
    }),
  ]);
  const more = lock?.mine === true && (await work());
  await connection.command('COMMIT');
  return more;
}

async function trimScopes(
  connection: Connection,
  scopes: readonly string[],
  moment: string,
  rowsMax: number,
): Promise<boolean> {
  await connection.rows(nameScopes, [JSON.stringify(Object.fromEntries(scopes.map((scope) => [scope, 1])))]);
  const values = [moment, rowsMax, textArray(scopes)];
  const graves = await connection.count(emptyGraves, values);
  // It counts scopes, not lines: as long as it finds any, there may be more.
  const trimmed = await connection.count(trimLog, values);
  const models = [
    await connection.count(trimRefusals, [...values, LIMITS.refusalsPerTenantMax]),
    await connection.count(trimSessions, values),
    await connection.count(trimCheckpoints, values),
    await connection.count(trimActs, values),
  ];
  return graves >= rowsMax || trimmed > 0 || models.some((rows) => rows >= rowsMax);
}
