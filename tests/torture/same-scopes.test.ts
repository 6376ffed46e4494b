/**
 * Two servers whose devices all write to the same few scopes, as fast as they are answered: no deadlock, nobody waits for
 * long, none is told to come again later, and together they get as much done as about one of them alone.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { lossesIn } from './support/acknowledged.ts';
import { until } from './support/conditions.ts';
import { faultsOf, withClient } from './support/database-checks.ts';
import { Fleet, type FleetUser } from './support/fleet.ts';
import { atEnd, defectsIn } from './support/process.ts';
import { type SeveralServers, startServers } from './support/several-servers.ts';
import { isFull, TEST_MS_MAX, tell } from './support/size.ts';

const SCOPES = 3;
const DEVICES_PER_USER = 20;
const FOR_MS = 5_000;
/** More than all of them can make: each makes one when the one before is answered. */
const AS_MANY_AS_CAN_BE = 100_000;
const WAITS_MS_MAX = 2_000;

test.runIf(isFull)(
  'two servers that write to the same scopes hold up each other for moments',
  async () => {
    const servers = await startServers(2);
    const users = await servers.users(SCOPES);
    const alone = await rateOf(servers, users, 1);
    const together = await rateOf(servers, users, 2);
    const deadlocks = await withClient(servers.database.ownerUrl, async (client) => {
      const { rows } = await client.query(
        'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
      );
      return Number(rows[0]?.deadlocks);
    });
    tell('the same scopes', { alone, together, deadlocks });
    for (const { faults, retries, slowestMs } of [alone, together]) {
      expect(faults.join('\n')).toBe('');
      expect(retries).toBe(0);
      expect(slowestMs).toBeLessThan(WAITS_MS_MAX);
    }
    expect(deadlocks).toBe(0);
    expect(together.perSecond).toBeGreaterThan(alone.perSecond / 3);
    const expected = [...alone.expected(), ...together.expected()];
    expect(await lossesIn(expected, servers.database.ownerUrl)).toEqual([]);
    expect(await faultsOf(servers.database.ownerUrl)).toEqual([]);
    expect(servers.processes.flatMap(({ log }) => defectsIn(log))).toEqual([]);
  },
  TEST_MS_MAX,
);

async function rateOf(servers: SeveralServers, users: readonly FleetUser[], count: number) {
  const addresses = servers.addresses.slice(0, count);
  const fleet = new Fleet({ addresses, users, devicesPerUser: DEVICES_PER_USER });
  atEnd(async () => fleet.stop());
  await until('all are live', () => fleet.status().live === SCOPES * DEVICES_PER_USER);
  fleet.write(AS_MANY_AS_CAN_BE);
  await sleep(FOR_MS);
  fleet.write(0);
  await until('all is acknowledged', () => fleet.status().busy === 0);
  const { acknowledged, retries, slowestMs } = fleet.status();
  const heads = await servers.heads();
  await until('all have all', () => fleet.behind(heads) === 0);
  const { faults, expected } = await fleet.judge();
  fleet.stop();
  return {
    perSecond: Math.round((acknowledged * 1_000) / FOR_MS),
    slowestMs,
    retries,
    faults,
    /** Not shown among the figures. */
    expected: () => expected,
  };
}
