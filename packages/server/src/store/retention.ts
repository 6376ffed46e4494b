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

/** Any number will do that nothing else locks: one server trims, the others leave it to that one. */
const LOCK = 7_305_427_119;
const SCOPES_PER_PAGE = 1_000;

/** True when rows were left because there were more than `rowsMax` of a kind in a page. */
export async function trim(connection: Connection, before: number, rowsMax: number): Promise<boolean> {
  const [lock] = await connection.rows<{ mine: boolean }>({
    name: 'claim-trimming',
    text: `SELECT pg_try_advisory_lock(${LOCK}) AS mine`,
  });
  if (!lock?.mine) return false;
  try {
    // Old rows are found by their age, which only bitmap scans of BRIN can.
    await connection.command('SET enable_bitmapscan = on');
    const moment = new Date(before).toISOString();
    let more = false;
    for (const statement of [trimReceipts, trimBookmarks, trimFailures, trimWaiting]) {
      more = (await connection.count(statement, [moment, rowsMax])) >= rowsMax || more;
    }
    for (let after: string | undefined = ''; after !== undefined; ) {
      const page: { id: string }[] = await connection.rows(readScopePage, [after, SCOPES_PER_PAGE]);
      if (page.length > 0)
        more =
          (await trimScopes(
            connection,
            page.map(({ id }) => id),
            moment,
            rowsMax,
          )) || more;
      after = page.at(-1)?.id;
    }
    return more;
  } finally {
    await Promise.allSettled([
      connection.command('RESET enable_bitmapscan'),
      connection.command(`SELECT pg_advisory_unlock(${LOCK})`),
    ]);
  }
}

async function trimScopes(
  connection: Connection,
  scopes: readonly string[],
  moment: string,
  rowsMax: number,
): Promise<boolean> {
  await connection.command('BEGIN');
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
  await connection.command('COMMIT');
  return graves >= rowsMax || trimmed > 0 || models.some((rows) => rows >= rowsMax);
}
