/** Requests that take too long to arrive, without the two minutes that it takes in earnest. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { liftReceiveLimit, limitReceiving } from '../../src/http/receive-limit.ts';

const MS_MAX = 150;
let app: FastifyInstance;
afterEach(() => app.close());

async function start(): Promise<number> {
  app = fastify();
  app.addHook('onRequest', async (request, reply) => limitReceiving(request, reply, MS_MAX));
  app.post('/', async (request) => ({ got: request.body }));
  const onRequest = async (request: FastifyRequest) => liftReceiveLimit(request);
  app.post('/long', { onRequest }, async (request) => ({ got: request.body }));
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return Number(new URL(url).port);
}

const HEAD = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';

async function send(port: number, data: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(data);
  return socket;
}

test('a body that never ends is answered 408, and the connection ends', async () => {
  const socket = await send(await start(), `${HEAD}Content-Length: 100\r\n\r\n{`);
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":"MALFORMED"/);
});

test('so is one without a declared length', async () => {
  const socket = await send(await start(), `${HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`);
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /);
});

test('where the limit is lifted a body may take longer', async () => {
  const head = HEAD.replace('POST /', 'POST /long');
  const socket = await send(await start(), `${head}Content-Length: 2\r\nConnection: close\r\n\r\n{`);
  const begun = Date.now();
  await expect.poll(() => Date.now() - begun, { timeout: 5_000 }).toBeGreaterThan(2 * MS_MAX);
  socket.write('}');
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 /);
});

test('what arrived in time is not disturbed, on a connection that lives longer', async () => {
  const socket = await send(await start(), `${HEAD}Content-Length: 2\r\n\r\n{}`);
  let heard = '';
  socket.on('data', (chunk) => {
    heard += String(chunk);
  });
  await expect.poll(() => heard).toContain('{"got":{}}');
  const begun = Date.now();
  await expect.poll(() => Date.now() - begun, { timeout: 5_000 }).toBeGreaterThan(2 * MS_MAX);
  socket.write(`${HEAD}Content-Length: 3\r\n\r\n[1]`);
  await expect.poll(() => heard).toContain('{"got":[1]}');
  socket.destroy();
});
