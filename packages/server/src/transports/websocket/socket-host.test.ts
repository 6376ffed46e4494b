/** The host over real sockets, with an endpoint that says back what it hears. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LIMITS } from '@ackord/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Authentication } from '../../auth/ports.ts';
import type { OriginRules } from './origins.ts';
import { createSocketHost, type SocketHost } from './socket-host.ts';

const NOBODY: Authentication = { outcome: 'anonymous', reason: 'no-token' };

let server: ReturnType<typeof createServer>;
let host: SocketHost;
let defects: unknown[];
let asked: (string | undefined)[];
let address: string;
let authenticate: () => Promise<Authentication>;
const clients: WebSocket[] = [];

beforeEach(async () => {
  server = createServer((_request, response) => response.end('http'));
  defects = [];
  asked = [];
  address = '192.0.2.1';
  authenticate = async () => NOBODY;
  host = createSocketHost({
    server,
    authenticate: (authorization) => {
      asked.push(authorization);
      return authenticate();
    },
    addressOf: () => address,
    onDefect: (cause) => defects.push(cause),
  });
  serve('/open', { allowed: '*', guarded: true, hostNames: [] });
  serve('/listed', { allowed: ['https://app.example.org'], guarded: false, hostNames: [] });
  serve('/public', { allowed: '*', guarded: false, hostNames: [] });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await host.close();
  await new Promise((resolve) => server.close(resolve));
});

const serve = (path: string, origins: OriginRules): void =>
  host.add({
    name: path,
    origins,
    matches: (its) => its === path,
    compresses: true,
    open: (socket) => ({
      message: (text) => socket.send(text === null ? 'binary' : text),
      closed: () => {},
    }),
  });

interface Outcome {
  readonly client: WebSocket;
  /** Of the refusal; 101: there is a socket. */
  readonly status: number;
}

function knock(
  path: string,
  headers: Record<string, string> = {},
  protocols: string[] = [],
): Promise<Outcome> {
  const { port } = server.address() as AddressInfo;
  const client = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, { headers });
  clients.push(client);
  client.on('error', () => {});
  return new Promise((resolve) => {
    client.on('open', () => resolve({ client, status: 101 }));
    client.on('unexpected-response', (_request, { statusCode }) =>
      resolve({ client, status: statusCode ?? 0 }),
    );
  });
}

const closed = (client: WebSocket): Promise<number> => new Promise((resolve) => client.on('close', resolve));
const message = (client: WebSocket): Promise<string> =>
  new Promise((resolve) => client.once('message', (data) => resolve(data.toString())));

describe('who may open a socket', () => {
  test.each<[string, string, number]>([
    ['/open', 'https://evil.example.org', 403],
    ['/open', 'http://localhost.evil.example.org', 403],
    ['/open', 'null', 403],
    ['/open', 'file://', 403],
    ['/open', 'http://localhost:5173', 101],
    ['/open', 'https://127.0.0.1:8443', 101],
    ['/open', 'http://[::1]:5173', 101],
    ['/listed', 'https://app.example.org', 101],
    ['/listed', 'https://app.example.org.evil.org', 403],
    ['/listed', 'http://localhost:5173', 403],
    ['/public', 'https://evil.example.org', 101],
  ])('%s for a page of %s: %i', async (path, origin, status) => {
    expect((await knock(path, { origin })).status).toBe(status);
    if (status !== 101) expect(asked).toEqual([]);
  });

  test('a program that names no origin', async () => {
    expect((await knock('/open')).status).toBe(101);
  });

  test.each([
    ['/open', 'evil.example.org', 403],
    ['/open', 'localhost:4000', 101],
    ['/listed', 'evil.example.org', 101],
  ])('%s, called by the name %s: %i', async (path, name, status) => {
    expect((await knock(path, { host: name })).status).toBe(status);
  });

  test('a path that nobody serves: 404', async () => {
    expect((await knock('/nothing')).status).toBe(404);
    expect((await knock('/open/more')).status).toBe(404);
    expect((await knock('/open?a=/public')).status).toBe(101);
  });

  test('too many of one address: 429, and again when some have left; others are let in', async () => {
    const max = LIMITS.socketsPerAddressMax;
    Object.assign(LIMITS, { socketsPerAddressMax: 3 });
    try {
      const first = await Promise.all([knock('/open'), knock('/open'), knock('/open')]);
      expect((await knock('/open')).status).toBe(429);
      address = '192.0.2.2';
      expect((await knock('/open')).status).toBe(101);
      address = '192.0.2.1';
      first[0]?.client.close();
      await expect.poll(async () => (await knock('/open')).status).toBe(101);
      expect((await knock('/open')).status).toBe(429);
    } finally {
      Object.assign(LIMITS, { socketsPerAddressMax: max });
    }
  });

  test('who can’t be looked at because of a defect: 500, noted, and the next one is let in', async () => {
    authenticate = () => Promise.reject(new Error('broken'));
    expect((await knock('/open')).status).toBe(500);
    expect(defects).toEqual([new Error('broken')]);
    authenticate = async () => NOBODY;
    expect((await knock('/open')).status).toBe(101);
  });

  test('tokens of headers and subprotocols are shown to the authentication, and not sent back', async () => {
    await knock('/open', { authorization: 'Bearer one' });
    const { client } = await knock('/open', {}, ['bearer', 'two']);
    expect(asked).toEqual(['Bearer one', 'Bearer two']);
    expect(client.protocol).toBe('bearer');
  });
});

describe('frames', () => {
  test('text and binary', async () => {
    const { client } = await knock('/open');
    client.send('Grüße');
    expect(await message(client)).toBe('Grüße');
    client.send(Buffer.from('x'));
    expect(await message(client)).toBe('binary');
  });

  test('packed above 1 KB, each for itself', async () => {
    const { client } = await knock('/open');
    expect(client.extensions).toBe('permessage-deflate');
    const { params } = (client as unknown as { _extensions: Record<string, { params: object }> })._extensions[
      'permessage-deflate'
    ] ?? { params: {} };
    expect(params).toMatchObject({ server_no_context_takeover: true, client_no_context_takeover: true });
    const { _socket: stream } = client as unknown as { readonly _socket: { readonly bytesRead: number } };
    const sizeOf = async (text: string): Promise<number> => {
      const before = stream.bytesRead;
      client.send(text);
      expect(await message(client)).toBe(text);
      return stream.bytesRead - before;
    };
    expect(await sizeOf('x'.repeat(1_000))).toBeGreaterThan(1_000);
    const first = await sizeOf('abc'.repeat(20_000));
    expect(first).toBeLessThan(1_000);
    // With a context the second one would be next to nothing.
    expect(await sizeOf('abc'.repeat(20_000))).toBe(first);
  });

  test('above the limit: 1009', async () => {
    const { client } = await knock('/open');
    const { client: other } = await knock('/open');
    const code = closed(client);
    client.send('x'.repeat(LIMITS.socketFrameBytesMax + 1));
    expect(await code).toBe(1009);
    other.send('still here');
    expect(await message(other)).toBe('still here');
  });
});

describe('when the server stops', () => {
  test('every socket is closed with 1001, and new ones get 503', async () => {
    const all = await Promise.all([knock('/open'), knock('/public'), knock('/listed')]);
    const codes = Promise.all(all.map(({ client }) => closed(client)));
    expect(host.size).toBe(3);
    const stopping = host.close();
    expect((await knock('/open')).status).toBe(503);
    await stopping;
    expect(await codes).toEqual([1001, 1001, 1001]);
    expect(host.size).toBe(0);
  });

  test('one that never answers is cut', async () => {
    const { client } = await knock('/open');
    client.pause();
    const from = Date.now();
    await host.close();
    expect(host.size).toBe(0);
    expect(Date.now() - from).toBeLessThan(LIMITS.socketCloseMsMax + 3_000);
  });
});
