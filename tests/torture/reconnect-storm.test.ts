/**
 * A server dies with all its sockets, and all of them come back at once: they are live again soon, and nothing is missed.
 * Only on demand: TORTURE=full, or TORTURE=small.
 */
import { expect, test } from 'vitest';
import { until } from './support/conditions.ts';
import { startFleetProcess } from './support/fleet-process.ts';
import { defectsIn } from './support/process.ts';
import { startServers } from './support/several-servers.ts';
import { isFull, size, TEST_MS_MAX, tell } from './support/size.ts';

const USERS = size(10, 500);
const DEVICES_PER_USER = size(10, 20);
const EDITS_PER_SECOND = size(20, 200);
const LIVE_WITHIN_MS = 10_000;

test.runIf(process.env.TORTURE !== undefined)(
  `${USERS * DEVICES_PER_USER} sockets come back at once`,
  async () => {
    const servers = await startServers(1);
    const users = await servers.users(USERS);
    const { addresses } = servers;
    const fleet = await startFleetProcess({ addresses, users, devicesPerUser: DEVICES_PER_USER });
    const areLive = async (): Promise<boolean> => (await fleet.status()).live === USERS * DEVICES_PER_USER;
    await until('all are live', areLive);
    await fleet.write(EDITS_PER_SECOND);
    await until('something is written', async () => (await fleet.status()).acknowledged > USERS);

    await servers.processes[0]?.end('SIGKILL');
    await servers.startAgain(0);
    const listening = performance.now();
    await until('all are live again', areLive);
    const liveMs = Math.round(performance.now() - listening);
    await fleet.write(0);
    await until('all have all', async () => (await fleet.behind(await servers.heads())) === 0);
    const { faults } = await fleet.judge();
    tell('reconnect storm', { liveMs, ...(await fleet.status()) });
    expect(faults.slice(0, 10)).toEqual([]);
    expect(servers.processes.flatMap(({ log }) => defectsIn(log))).toEqual([]);
    if (isFull) expect(liveMs).toBeLessThan(LIVE_WITHIN_MS);
  },
  TEST_MS_MAX,
);
