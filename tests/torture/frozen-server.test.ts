/**
 * A server that is frozen (SIGSTOP, a paused virtual machine) while it holds scopes: the other one goes on, with those
 * scopes at the latest when the database gives up on the idle transaction, with all others at once. What the frozen one
 * had not committed comes again when it wakes up, and is there once.
 */
import { LIMITS } from '@ackord/core';
import { expect, test } from 'vitest';
import { getTestPostgres, type TestDatabase } from '../support/postgres.ts';
import { until } from './support/conditions.ts';
import { faultsOf, storedMemories, withClient } from './support/database-checks.ts';
import { connectionsTo, startPair } from './support/late-commit.ts';
import { atEnd } from './support/process.ts';
import { TEST_MS_MAX, tell } from './support/size.ts';
import { memoryRow, type Row, sendAll, tripRow } from './support/travel-client.ts';

const SCOPES = 12;
/** Beside the database's patience: the transactions themselves, on a busy machine. */
const SLACK_MS = 3_000;

const trips = (count: number): Row[] => Array.from({ length: count }, () => tripRow());

async function holdsScopes(database: TestDatabase): Promise<boolean> {
  return withClient(database.ownerUrl, async (client) => {
    const { rowCount } = await client.query(`
      SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'`);
    return (rowCount ?? 0) > 0;
  });
}

async function freezeWhileHolding(): Promise<void> {
  const database = await (await getTestPostgres()).createDatabase();
  atEnd(database.drop);
  // Long enough to be frozen in.
  const pair = await startPair(database, { HOLD_MS_MAX: '400' });
  const [frozen, other] = pair.servers;
  const patience = connectionsTo(pair, 24).map((connection) => ({ connection: () => connection }));
  const toOther = patience.filter((_, at) => at % 2 === 1);
  const [held, free] = [trips(SCOPES), trips(4)];
  await sendAll(patience[0]!, 'trips', [...held, ...free]);
  let written = 0;
  const write = async (to: (typeof patience)[number], into: readonly Row[]): Promise<number> => {
    const sent = performance.now();
    const rows = into.map(({ id }) => memoryRow(id));
    await sendAll(to, 'memories', rows);
    written += rows.length;
    return performance.now() - sent;
  };

  // One call, so that one transaction holds all of these scopes.
  const first = write(patience[0]!, held);
  await until('it holds scopes', () => holdsScopes(database));
  frozen!.freeze();
  atEnd(async () => frozen!.thaw());
  // It may just have been about to commit: then it holds nothing.
  const isHolding = await holdsScopes(database);

  let waiting = true;
  const elsewhere = free.map(async (trip, at): Promise<number> => {
    let slowest = 0;
    while (waiting) slowest = Math.max(slowest, await write(toOther[8 + at]!, [trip]));
    return slowest;
  });
  const same = held.map((trip, at) => write(toOther[at % 8]!, [trip]));
  const sameScopesMs = Math.round(Math.max(...(await Promise.all(same))));
  waiting = false;
  const otherScopesMs = Math.round(Math.max(...(await Promise.all(elsewhere))));
  tell('a frozen server', { isHolding, sameScopesMs, otherScopesMs, written });
  expect(sameScopesMs).toBeLessThan(LIMITS.idleTransactionMsMax + SLACK_MS);
  expect(otherScopesMs).toBeLessThan(SLACK_MS);

  frozen!.thaw();
  await first;
  const stored = await storedMemories(database.ownerUrl);
  expect(stored).toHaveLength(written);
  expect(stored.every(({ version }) => version === 1)).toBe(true);
  expect(await faultsOf(database.ownerUrl)).toEqual([]);
  expect(other!.log).toEqual([]);
}

test('a frozen server holds up the other one only so long', freezeWhileHolding, TEST_MS_MAX);
