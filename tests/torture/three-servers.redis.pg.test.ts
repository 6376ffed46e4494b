/**
 * Three servers, one database, a Redis Cluster of six nodes: servers are killed and restarted in turn, nodes of Redis are
 * killed, while all devices write. In the end every device has what the server has, nothing that was acknowledged is lost
 * or there twice, and all that within ten seconds of the last fault. Only on demand: TORTURE=full, or TORTURE=small.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type RedisCluster, startRedisCluster } from '../support/redis.ts';
import { lossesIn } from './support/acknowledged.ts';
import { until } from './support/conditions.ts';
import { faultsOf } from './support/database-checks.ts';
import type { FleetStatus } from './support/fleet.ts';
import { type FleetProcess, startFleetProcess } from './support/fleet-process.ts';
import { defectsIn } from './support/process.ts';
import { type SeveralServers, startServers } from './support/several-servers.ts';
import { size, TEST_MS_MAX, tell } from './support/size.ts';

const SERVERS = 3;
const USERS = size(20, 200);
const DEVICES_PER_USER = size(5, 10);
const EDITS_PER_SECOND = size(60, 250);
/** Between two faults. */
const CALM_MS = size(300, 2_000);
const QUIET_WITHIN_MS = 10_000;

const asked = process.env.TORTURE !== undefined;

test.runIf(asked)('servers and nodes of Redis come and go, and nothing is lost or missed', run, TEST_MS_MAX);

async function run(): Promise<void> {
  const redis = await startRedisCluster();
  const servers = await startServers(SERVERS, { REDIS_CLUSTER_URLS: redis.urls.join(',') });
  const users = await servers.users(USERS);
  const half = Math.ceil(USERS / 2);
  const { addresses, database } = servers;
  const fleets = await Promise.all(
    [users.slice(0, half), users.slice(half)].map((mine) =>
      startFleetProcess({ addresses, users: mine, devicesPerUser: DEVICES_PER_USER }),
    ),
  );
  const started = performance.now();
  await until('all are live', async () => (await statusOf(fleets)).live === USERS * DEVICES_PER_USER);
  const liveMs = Math.round(performance.now() - started);
  for (const fleet of fleets) await fleet.write(EDITS_PER_SECOND / fleets.length);

  for (let at = 0; at < SERVERS; at++) {
    await sleep(CALM_MS);
    await killServer(servers, at);
    await sleep(CALM_MS);
    await killNode(redis);
    await sleep(CALM_MS);
    await stopServer(servers, at);
  }

  const lastFault = performance.now();
  for (const fleet of fleets) await fleet.write(0);
  await until('all have all', async () => (await behind(fleets, servers)) === 0, 60_000);
  const equalMs = Math.round(performance.now() - lastFault);
  const status = await statusOf(fleets);
  const verdicts = await Promise.all(fleets.map((fleet) => fleet.judge()));
  tell('three servers', { liveMs, equalMs, ...status });
  expect(verdicts.flatMap(({ faults }) => faults).slice(0, 10)).toEqual([]);
  const expected = verdicts.flatMap((verdict) => verdict.expected);
  expect(expected.length).toBeGreaterThan(USERS);
  expect((await lossesIn(expected, database.ownerUrl)).slice(0, 10)).toEqual([]);
  expect(await faultsOf(database.ownerUrl)).toEqual([]);
  expect(servers.processes.flatMap(({ log }) => defectsIn(log))).toEqual([]);
  expect(equalMs).toBeLessThan(QUIET_WITHIN_MS);
}

async function killServer(servers: SeveralServers, at: number): Promise<void> {
  await servers.processes[at]?.end('SIGKILL');
  await servers.startAgain(at);
}

async function stopServer(servers: SeveralServers, at: number): Promise<void> {
  const server = servers.processes[at];
  await server?.end('SIGTERM');
  expect(server?.child.exitCode).toBe(0);
  expect(defectsIn(server?.log ?? [])).toEqual([]);
  await servers.startAgain(at);
}

/** A master, whose replica takes over; it comes back as a replica. */
async function killNode(redis: RedisCluster): Promise<void> {
  const [master] = await redis.masters();
  await master?.kill();
  await sleep(CALM_MS);
  await master?.restart();
}

async function behind(fleets: readonly FleetProcess[], servers: SeveralServers): Promise<number> {
  const heads = await servers.heads();
  const counts = await Promise.all(fleets.map((fleet) => fleet.behind(heads)));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function statusOf(fleets: readonly FleetProcess[]): Promise<FleetStatus> {
  const all = await Promise.all(fleets.map((fleet) => fleet.status()));
  const sums: Record<string, number> = {};
  for (const one of all)
    for (const [name, value] of Object.entries(one)) sums[name] = (sums[name] ?? 0) + value;
  const slowestMs = Math.max(...all.map((one) => one.slowestMs));
  return { ...(sums as unknown as FleetStatus), slowestMs };
}
