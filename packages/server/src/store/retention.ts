/** Trims what is older than history is kept, a bounded number of rows at a time. */
import type { Connection } from './database.ts';
import {
  emptyGraves,
  trimBookmarks,
  trimLog,
  trimReceipts,
  trimWaiting,
} from './statements/retention/trim.ts';

/** Any number will do that nothing else locks: one server trims, the others leave it to that one. */
const LOCK = 7_305_427_119;

/** True when there may be more to trim. */
export async function trim(connection: Connection, before: number, rowsMax: number): Promise<boolean> {
  await connection.command('BEGIN');
  const [lock] = await connection.rows<{ mine: boolean }>({
    name: 'claim-trimming',
    text: `SELECT pg_try_advisory_xact_lock(${LOCK}) AS mine`,
  });
  let more = false;
  if (lock?.mine) {
    const moment = new Date(before).toISOString();
    for (const statement of [emptyGraves, trimReceipts, trimBookmarks, trimWaiting]) {
      more = (await connection.count(statement, [moment, rowsMax])) >= rowsMax || more;
    }
    // It answers with the number of scopes: as long as there are any, there may be more lines.
    more = (await connection.count(trimLog, [moment, rowsMax])) > 0 || more;
  }
  await connection.command('COMMIT');
  return more;
}
