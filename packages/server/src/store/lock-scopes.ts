/**
 * Rung 8's lock: takes the row locks of scopes in id order, makes rows that are missing, then reads heads and clock.
 * Promise: what it returns is the state after the last holder's commit. Leaves the transaction open.
 */
import type { BatchState, LockedScopes } from '../engine/ports.ts';
import type { Connection } from './connection.ts';
import { distinct } from './probes.ts';
import { type ScopeRow, scopeOf } from './rows.ts';
import { textArray } from './sql-arrays.ts';
import { insertMissingScopes } from './statements/scope/insert-missing-scopes.ts';
import { lockScopes as lockAndWait, tryLockScopes } from './statements/scope/lock-scopes.ts';
import { readHeads } from './statements/scope/read-heads.ts';
import { KEEP_PLANS } from './statements/session/plans.ts';
import { readClock } from './statements/session/read-clock.ts';

export interface Locking {
  /** How long to wait for each lock; null: not at all, scopes held elsewhere are skipped. */
  readonly waitMsMax: number | null;
  /** Asks for what is to be read along: each statement sees what was committed before it began, so also by whom it waited for. */
  readonly readAlong: (() => Promise<BatchState>) | null;
}

export async function lockScopes(
  connection: Connection,
  ids: readonly string[],
  locking: Locking,
): Promise<LockedScopes> {
  const { waitMsMax } = locking;
  const wanted = distinct(ids);
  for (let tries = 1; ; tries++) {
    const { missing, scopes } = await attempt(connection, wanted, locking);
    // Who waits gets them all, but for a row that another server made between the lock and the look.
    const cameBetween = waitMsMax !== null && scopes.skipped.length > 0;
    if ((missing.length === 0 && !cameBetween) || tries === TRIES_MAX) return scopes;
    // Rare: once in the life of a scope. The rows are committed by themselves, because an insert waits for anybody who
    // is making the same row, and nobody may wait while holding locks.
    await connection.command('ROLLBACK');
    if (missing.length > 0) await makeScopes(connection, missing);
  }
}

/** Rows never go away, so one more try is enough; each scope may need one. */
const TRIES_MAX = 3;

async function attempt(
  connection: Connection,
  ids: readonly string[],
  { waitMsMax, readAlong }: Locking,
): Promise<{ scopes: LockedScopes; missing: readonly string[] }> {
  const list = textArray(ids);
  const [, , , held, rows, clock, state] = await Promise.all([
    connection.command('BEGIN ISOLATION LEVEL READ COMMITTED'),
    connection.command(KEEP_PLANS),
    waitMsMax === null ? null : connection.command(`SET LOCAL lock_timeout = ${waitMsMax}`),
    connection.rows<{ id: string }>(waitMsMax === null ? tryLockScopes : lockAndWait, [list]),
    connection.rows<HeadRow>(readHeads, [list]),
    ids.length === 0 ? connection.rows<{ now: number }>(readClock) : [],
    readAlong?.() ?? null,
  ]);
  const heldIds = new Set(held.map(({ id }) => id));
  const known = rows.filter(isKnown);
  const skipped = known.map(({ id }) => id).filter((id) => !heldIds.has(id));
  return {
    missing: rows.filter((row) => !isKnown(row)).map(({ id }) => id),
    scopes: {
      now: rows[0]?.now ?? clock[0]?.now ?? 0,
      locked: known.filter(({ id }) => heldIds.has(id)).map(scopeOf),
      skipped,
      state: skipped.length === 0 ? state : null,
    },
  };
}

type HeadRow = { readonly id: string; readonly now: number } & (
  | Omit<ScopeRow, 'id'>
  | { readonly head: null }
);

const isKnown = (row: HeadRow): row is HeadRow & ScopeRow => row.head !== null;

/** No wait for the disk: whoever writes to these scopes commits later, and that carries this along. */
async function makeScopes(connection: Connection, ids: readonly string[]): Promise<void> {
  await Promise.all([
    connection.command('BEGIN'),
    connection.command('SET LOCAL synchronous_commit = off'),
    connection.count(insertMissingScopes, [textArray(ids)]),
    connection.command('COMMIT'),
  ]);
}
