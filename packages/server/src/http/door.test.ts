import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Door, watchDoor } from './door.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function open(
  options: Parameters<typeof watchDoor>[1] = {},
): Promise<{ server: Server; door: Door; knock: () => Socket }> {
  const server = createServer((socket) => void cleanups.push(() => socket.destroy()));
  const door = watchDoor(server, options);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  cleanups.push(() => server.close());
  const knock = (): Socket => {
    const socket = connect(port, '127.0.0.1');
    cleanups.push(() => socket.destroy());
    return socket;
  };
  return { server, door, knock };
}

test('work waits until all who knocked at once are in', async () => {
  const { server, door, knock } = await open();
  let inside = 0;
  server.on('connection', () => inside++);
  for (let nth = 0; nth < 100; nth++) knock();
  await once(server, 'connection');
  expect(inside).toBeLessThan(100);
  await door.quiet();
  // The system may have been slow with one or the other.
  expect(inside).toBeGreaterThan(90);
});

test('with nobody at the door nothing waits', async () => {
  const { server, door, knock } = await open();
  knock();
  await once(server, 'connection');
  await door.quiet();
  let isThere = false;
  void door.quiet().then(() => {
    isThere = true;
  });
  await Promise.resolve();
  expect(isThere).toBe(true);
});

test('a crowd that never ends holds up nobody for ever', async () => {
  const { server, door, knock } = await open({ crowdedMsMax: 50 });
  server.on('connection', () => knock());
  for (let nth = 0; nth < 10; nth++) knock();
  await once(server, 'connection');
  await door.quiet();
  server.removeAllListeners('connection');
});

test('after a crowd nobody is held up for as long as it was there', async () => {
  let now = 0;
  const { server, door, knock } = await open({ clock: () => now });
  let inside = 0;
  server.on('connection', () => inside++);
  /** How many of a hundred are in when work goes on. */
  const crowd = async (from: number, to: number): Promise<number> => {
    now = from;
    inside = 0;
    for (let nth = 0; nth < 100; nth++) knock();
    await once(server, 'connection');
    now = to;
    await door.quiet();
    const found = inside;
    await expect.poll(() => inside).toBe(100);
    return found;
  };
  expect(await crowd(0, 1_000)).toBeGreaterThan(90);
  expect(await crowd(1_900, 1_950)).toBeLessThan(90);
  expect(await crowd(2_100, 2_150)).toBeGreaterThan(90);
});
