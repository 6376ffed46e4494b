import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Door, watchDoor } from './door.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function open(crowdedMsMax?: number): Promise<{ server: Server; door: Door; knock: () => Socket }> {
  const server = createServer((socket) => void cleanups.push(() => socket.destroy()));
  const door = watchDoor(server, crowdedMsMax);
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
  expect(inside).toBe(100);
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
  const { server, door, knock } = await open(50);
  server.on('connection', () => knock());
  for (let nth = 0; nth < 10; nth++) knock();
  await once(server, 'connection');
  await door.quiet();
  server.removeAllListeners('connection');
});
