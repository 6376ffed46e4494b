/**
 * Two servers behind a list of addresses, restarted in turn while apps of the native protocol and of GraphQL write: no call
 * fails, each change is there once, nobody misses one; and one of the servers leads at any time.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { lossesIn } from './support/acknowledged.ts';
import { until } from './support/conditions.ts';
import { faultsOf, storedMemories } from './support/database-checks.ts';
import { Fleet, type FleetUser } from './support/fleet.ts';
import { atEnd, defectsIn } from './support/process.ts';
import { type SeveralServers, startServers } from './support/several-servers.ts';
import { isFull, size, TEST_MS_MAX, tell } from './support/size.ts';
import { memoryRow } from './support/travel-client.ts';

const USERS = size(6, 50);
const DEVICES_PER_USER = 3;
const EDITS_PER_SECOND = size(60, 200);
const APPS = size(4, 16);
const ROUNDS = size(1, 4);

interface App {
  readonly written: ReadonlySet<string>;
  readonly calls: () => number;
  /** Calls that found nobody at an address, and went to the next one. */
  readonly refused: () => number;
  stop(): Promise<void>;
}

const BULK_SYNC = 'mutation ($input: BulkSyncInput!) { bulkSync(input: $input) { successful { entityId } } }';

/** Writes a memory after the other. Any answer but the one that it hopes for ends the test. */
function startApp(addresses: readonly string[], { token, tripId }: FleetUser, first: number): App {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const written = new Set<string>();
  const counts = { calls: 0, refused: 0 };
  let [going, at] = [true, first];
  const call = (body: string): Promise<string | null> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
      const asking = request(`${addresses[at % addresses.length]}/graphql`, {
        agent,
        method: 'POST',
        headers,
      });
      asking.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve(Buffer.concat(chunks).toString()));
      });
      asking.on('error', (error: NodeJS.ErrnoException) => {
        // A connection that was kept and had been closed meanwhile: HTTP clients ask again, on a new one.
        const wasClosed = error.code === 'ECONNRESET' && asking.reusedSocket;
        if (error.code === 'ECONNREFUSED' || wasClosed) resolve(null);
        else reject(error);
      });
      asking.end(body);
    });
  const write = async (): Promise<void> => {
    while (going) {
      const row = memoryRow(tripId, { title: randomUUID() });
      const body = JSON.stringify({ query: BULK_SYNC, variables: { input: { memories: [row] } } });
      let answer = await call(body);
      for (let tries = 0; answer === null; tries++) {
        if (tries > 20) throw new Error('nobody is there');
        counts.refused++;
        at++;
        await sleep(20);
        answer = await call(body);
      }
      const { data, errors } = JSON.parse(answer);
      if (errors || data.bulkSync.successful[0]?.entityId !== row.id) throw new Error(answer);
      written.add(row.id);
      counts.calls++;
      await sleep(5);
    }
  };
  const writing = write();
  // Looked at in `stop`; it may fail before that.
  writing.catch(() => {});
  return {
    written,
    calls: () => counts.calls,
    refused: () => counts.refused,
    async stop() {
      going = false;
      await writing.finally(() => agent.destroy());
    },
  };
}

interface Restart {
  readonly servers: SeveralServers;
  /** Ends one of them, and resolves when it is back. */
  restart(which: number): Promise<void>;
}

async function restartInTurn({ servers, restart }: Restart): Promise<void> {
  const { addresses, database } = servers;
  const users = await servers.users(USERS);
  const fleet = new Fleet({ addresses, users, devicesPerUser: DEVICES_PER_USER });
  atEnd(async () => fleet.stop());
  const devices = USERS * DEVICES_PER_USER;
  await until('all are live', () => fleet.status().live === devices);
  fleet.write(EDITS_PER_SECOND);
  const apps = Array.from({ length: APPS }, (_, at) => startApp(addresses, users[at % USERS]!, at));
  const callsSoFar = (): number => apps.reduce((sum, { calls }) => sum + calls(), 0);

  for (let end = 0; end < 2 * ROUNDS; end++) {
    const before = callsSoFar();
    await until('the apps go on', () => callsSoFar() > before + 10 * APPS);
    await restart(end % 2);
  }

  fleet.write(0);
  await Promise.all(apps.map((app) => app.stop()));
  const heads = await servers.heads();
  await until('all have all', () => fleet.behind(heads) === 0, 10_000);
  const status = fleet.status();
  const refused = apps.reduce((sum, app) => sum + app.refused(), 0);
  tell('a rolling restart', { ...status, calls: callsSoFar(), refused });
  const verdict = await fleet.judge();
  expect(verdict.faults.join('\n')).toBe('');
  expect(status).toMatchObject({ cut: 0, retries: 0 });
  const written = new Set(apps.flatMap((app) => [...app.written]));
  expect(await lossesIn(verdict.expected, database.ownerUrl, written)).toEqual([]);
  const stored = new Set((await storedMemories(database.ownerUrl)).map(({ id }) => id));
  expect([...written].filter((id) => !stored.has(id))).toEqual([]);
  expect(await faultsOf(database.ownerUrl)).toEqual([]);
  await until('one leads', async () => {
    const leading = await Promise.all(addresses.map((_, at) => servers.leads(at)));
    return leading.filter((value) => value === 1).length === 1;
  });
  expect(servers.processes.flatMap(({ log }) => defectsIn(log))).toEqual([]);
}

async function twoServers(): Promise<Restart> {
  const servers = await startServers(2);
  return {
    servers,
    async restart(which) {
      const server = servers.processes[which]!;
      await server.end('SIGTERM');
      expect(server.child.exitCode).toBe(0);
      expect(server.log).toEqual([]);
      await servers.startAgain(which);
    },
  };
}

async function twoWorkers(): Promise<Restart> {
  const servers = await startServers(1, { WORKERS: '2' });
  const primary = servers.processes[0]!.child.pid;
  const workers = async (): Promise<string[]> => {
    const { stdout } = await promisify(execFile)('ps', [
      '--no-headers',
      '--ppid',
      String(primary),
      '-o',
      'pid',
    ]);
    return stdout.trim().split(/\s+/);
  };
  return {
    servers,
    async restart() {
      const before = await workers();
      process.kill(Number(before[0]), 'SIGTERM');
      await until('it has ended', async () => !(await workers()).includes(before[0]!));
      await until('another one listens', async () => (await servers.workers(0)) === 2);
    },
  };
}

const DEFAULTS = { timeout: TEST_MS_MAX };

test('servers are restarted in turn, and no call fails', DEFAULTS, async () =>
  restartInTurn(await twoServers()),
);

test.runIf(isFull)('workers are restarted in turn, and no call fails', DEFAULTS, async () =>
  restartInTurn(await twoWorkers()),
);
