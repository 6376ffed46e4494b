/** `ackord start --workers`: several processes on one port that work as one server, also when one of them is killed. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { memory, trip } from '../../../tests/sync/ground.ts';
import { SyncClient } from '../../../tests/sync/sync-client.ts';
import { Fleet, type FleetUser } from '../../../tests/torture/support/fleet.ts';
import { size } from '../../../tests/torture/support/size.ts';
import { launch, listening, noneLeft, run, type Started, until, workFolder } from './support.ts';

async function ask(url: string, query: string): Promise<{ readonly login: { readonly token: string } }> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ query }),
  });
  return ((await response.json()) as { readonly data: { readonly login: { readonly token: string } } }).data;
}

async function signUp(url: string): Promise<string> {
  const input = `{ email: "${randomUUID()}@example.org", password: "long enough" }`;
  await ask(url, `mutation { register(input: ${input}) { id } }`);
  return (await ask(url, `mutation { login(input: ${input}) { token } }`)).login.token;
}

/** Process ids of the workers: children of the primary that run the same program. */
async function workersOf({ child }: Started): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', [
    '-ww',
    '--ppid',
    String(child.pid),
    '-o',
    'pid=,args=',
  ]);
  return stdout
    .split('\n')
    .flatMap((line) => (line.includes('ackord.js') ? [Number.parseInt(line, 10)] : []));
}

async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

test('workers are one server: they hear of each other, one is killed, they stop together', async () => {
  const folder = await workFolder();
  const server = await listening(launch(folder, ['start', '--workers', '2'], { PORT: '0' }));
  const token = await signUp(server.url);
  const tripId = randomUUID();
  const clients: SyncClient[] = [];
  // Connections are dealt out in turn.
  for (let at = 0; at < 4; at++) clients.push(await SyncClient.open({ url: server.url, token }));
  await clients[0]?.push(trip(tripId));
  for (const client of clients) await client.subscribe();

  await hearOfEachOther(clients, tripId);
  // Whichever is asked speaks for all.
  expect(await metric(server.url, 'ackord_leader')).toBe(1);
  for (let time = 0; time < 2; time++)
    expect(await metric(server.url, 'ackord_submission_changes_sum')).toBe(1 + ROUNDS);

  await loseWorkers(server, { token, tripId });
  const last = await SyncClient.open({ url: server.url, token });
  server.child.kill('SIGTERM');
  expect(await last.closed).toMatchObject({ code: 1001 });
  expect(last.received.at(-1)).toMatchObject({ type: 'bye' });
  expect((await server.finished).exitCode).toBe(0);
  await noneLeft(folder);
});

const ROUNDS = 6;

async function hearOfEachOther(clients: readonly SyncClient[], tripId: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const change = memory(tripId);
    const started = performance.now();
    await clients[round % clients.length]?.push(change);
    await Promise.all(clients.map((client) => client.until(() => client.record('Memory', change.id))));
    // The look at the heads would take longer, more often than not.
    expect(performance.now() - started).toBeLessThan(700);
  }
}

/** Kills one worker after the other while devices write. */
async function loseWorkers(server: Started, user: FleetUser): Promise<void> {
  const kills = size(1, 6);
  const fleet = new Fleet({ addresses: [server.url], users: [user], devicesPerUser: 6 });
  try {
    await until('all are live', () => fleet.status().live === 6);
    fleet.write(60);
    for (let kill = 0; kill < kills; kill++) {
      const before = fleet.status().acknowledged;
      await until('devices write', () => fleet.status().acknowledged > before + 20);
      const [victim] = await workersOf(server);
      process.kill(victim ?? 0, 'SIGKILL');
      const again = (): number =>
        server.lines().filter(({ message }) => message === 'a worker listens again').length;
      await until('there is another one', () => again() === kill + 1);
    }
    expect(fleet.status().cut).toBeGreaterThan(0);
    fleet.write(0);
    await until('all is acknowledged', () => fleet.status().busy === 0 && fleet.status().live === 6);
    // Who writes has the receipt before the others, on another worker, have the change.
    const heads = await fleet.heads();
    await until('all have all', () => fleet.behind(heads) === 0);
    const { faults, expected } = await fleet.judge();
    expect(faults.join('\n')).toBe('');
    const fresh = await SyncClient.open({ url: server.url, token: user.token });
    await fresh.subscribe();
    const there = new Map([...fresh.records.values()].map(({ id, version }) => [id, version]));
    const lost = expected.filter(([id, state]) => there.get(id) !== state?.version);
    expect(lost).toEqual([]);
    fresh.close();
  } finally {
    fleet.stop();
  }
  const said = server.lines().filter(({ level }) => level === 'error');
  expect(said).toHaveLength(kills);
  for (const line of said)
    expect(line).toMatchObject({ message: 'a worker ended; it is started again', signal: 'SIGKILL' });
}

test('a number of workers that can not be is refused in a line', async () => {
  const { exitCode, out, err } = await run(await workFolder(), ['--workers', '0']);
  expect([exitCode, out]).toEqual([1, '']);
  expect(err).toMatch(/^WORKERS: "0" is not allowed; give a whole number from 1 to 64\.\n/);
});

test('what keeps the workers from starting is said once', async () => {
  const folder = await workFolder();
  const occupant = createServer().listen(0, '127.0.0.1');
  await until('the port is taken', () => occupant.listening);
  const address = occupant.address();
  const port = typeof address === 'object' ? String(address?.port) : '';
  const args = ['start', '--port', port, '--workers', '2'];
  const { exitCode, err } = await run(folder, args, { LOG_LEVEL: 'silent' });
  occupant.close();
  expect(exitCode).toBe(1);
  expect(err).toBe(
    `PORT: ${port} on 127.0.0.1 is in use by another program; stop that one, or set PORT to another number.\n`,
  );
  await noneLeft(folder);
});
