/** Frames made once for all, as the library on the other side reads them. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createSocketHost } from './socket-host.ts';
import { textFrames } from './text-frames.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** Sends the frames to a client with these options; gives what it read, and the bytes that lay on the line. */
async function read(texts: readonly string[], options: object, leftOut = new Set<number>()) {
  const server = createServer();
  const host = createSocketHost({
    server,
    authenticate: async () => ({ outcome: 'anonymous', reason: 'no-token' }),
    addressOf: () => '127.0.0.1',
    onDefect: (cause) => {
      throw cause;
    },
  });
  const encoder = new TextEncoder();
  host.add({
    name: 'test',
    matches: () => true,
    compresses: true,
    origins: { allowed: '*', guarded: false, hostNames: [] },
    open(socket) {
      const frames = textFrames(texts.map((text) => encoder.encode(text)));
      socket.sendFrames(frames, leftOut);
      return { message: () => {}, closed: () => {} };
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, options);
  ends.push(async () => {
    client.close();
    await host.close();
    server.close();
  });
  const received: string[] = [];
  client.on('message', (data) => received.push(data.toString()));
  let line: Socket | undefined;
  client.on('upgrade', ({ socket }) => {
    line = socket;
  });
  while (received.length < texts.length - leftOut.size) await once(client, 'message');
  return { received, bytes: line?.bytesRead ?? Number.NaN };
}

const long = 'groceries and such '.repeat(4_000);
const texts = ['{}', 'x'.repeat(125), 'y'.repeat(126), 'Bär 🥐', 'z'.repeat(70_000), long, 'end'];

test.each([
  ['compressed', {}],
  ['plain', { perMessageDeflate: false }],
  [
    'with a small window, which the shared bytes would not fit',
    { perMessageDeflate: { serverMaxWindowBits: 9 } },
  ],
])('arrive as they were sent, %s', async (_name, options) => {
  expect((await read(texts, options)).received).toEqual(texts);
});

test.each([[[0]], [[6]], [[1, 2, 4]], [[4, 0, 6, 5]], [[0, 1, 2, 4, 5, 6]]])(
  'some of them can be left out: %s',
  async (places) => {
    const left = texts.filter((_, at) => !places.includes(at));
    expect((await read(texts, {}, new Set(places))).received).toEqual(left);
    expect((await read(texts, { perMessageDeflate: false }, new Set(places))).received).toEqual(left);
  },
);

test('large ones take little of the line where that was agreed', async () => {
  expect((await read([long], {})).bytes).toBeLessThan(2_000);
  expect((await read([long], { perMessageDeflate: false })).bytes).toBeGreaterThan(long.length);
});

test('are compressed once, and not at all where none is large', () => {
  const small = textFrames([new Uint8Array(10)]);
  expect(small.compressed()).toBe(small.plain);
  const large = textFrames([new Uint8Array(5_000)]);
  expect(large.compressed()).toBe(large.compressed());
});
