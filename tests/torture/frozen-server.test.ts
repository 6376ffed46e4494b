/**
 * A server that is frozen (SIGSTOP, a paused virtual machine) while it holds scopes: the other one goes on, with those
 * scopes at the latest when the database gives up on the idle transaction, with all others at once. What the frozen one
 * had not committed comes again when it wakes up, and is there once.
 */
import { LIMITS } from '@ackord/core';
import { expect, test } from 'vitest';
import { getTestPostgres, type TestDatabase } from '../support/postgres.ts';
import { memory } from '../sync/ground.ts';
import { SyncClient } from '../sync/sync-client.ts';
import { until } from './support/conditions.ts';
import { faultsOf, storedMemories, withClient } from './support/database-checks.ts';
import { connectionsTo, startPair } from './support/late-commit.ts';
import { atEnd } from './support/process.ts';
import { TEST_MS_MAX, tell } from './support/size.ts';
import { memoryRow, type Row, sendAll, tripRow } from './support/travel-client.ts';

const SCOPES = 12;
/** A frozen server holds nobody up for longer: the database's patience, and the transactions themselves. */
const HELD_UP_MS_MAX = 5_000;
/** Nobody waits for it in other scopes: just a busy machine. */
const SLACK_MS = 3_000;

const trips = (count: number): Row[] => Array.from({ length: count }, () => tripRow());

async function holdsScopes(database: TestDatabase): Promise<boolean> {
  return withClient(database.ownerUrl, async (client) => {
    const { rowCount } = await client.query(`
      SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'`);
    return (rowCount ?? 0) > 0;
  });
}

async function pushed(client: SyncClient, tripId: string): Promise<number> {
  const sent = performance.now();
  expect(await client.push(memory(tripId))).toMatchObject([{ status: 'applied' }]);
  return Math.round(performance.now() - sent);
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

  // Of the native protocol, at the server that is not frozen: one pushes into those scopes, the other one listens.
  const { token } = pair;
  const phone = await SyncClient.open({ url: other!.url, token });
  const tablet = await SyncClient.open({ url: other!.url, token });
  await tablet.subscribe();
  const before = tablet.records.size;

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
  const native = pushed(phone, held[0]!.id);
  const heard = performance.now();
  await tablet.until(() => tablet.records.size > before);
  const heardMs = Math.round(performance.now() - heard);
  const nativeMs = await native;
  written++;
  const sameScopesMs = Math.round(Math.max(...(await Promise.all(same))));
  waiting = false;
  const otherScopesMs = Math.round(Math.max(...(await Promise.all(elsewhere))));
  tell('a frozen server', { isHolding, sameScopesMs, nativeMs, heardMs, otherScopesMs, written });
  expect(LIMITS.idleTransactionMsMax).toBeLessThan(HELD_UP_MS_MAX);
  expect(sameScopesMs).toBeLessThan(HELD_UP_MS_MAX);
  expect(nativeMs).toBeLessThan(HELD_UP_MS_MAX);
  expect(heardMs).toBeLessThan(HELD_UP_MS_MAX);
  expect(otherScopesMs).toBeLessThan(SLACK_MS);

  phone.close();
  tablet.close();
  frozen!.thaw();
  await first;
  const stored = await storedMemories(database.ownerUrl);
  expect(stored).toHaveLength(written);
  expect(stored.every(({ version }) => version === 1)).toBe(true);
  expect(await faultsOf(database.ownerUrl)).toEqual([]);
  expect(other!.log).toEqual([]);
}

test('a frozen server holds up the other one only so long', freezeWhileHolding, TEST_MS_MAX);
