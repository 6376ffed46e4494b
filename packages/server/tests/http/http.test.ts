import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { LIMITS } from '@ackord/core';
import { afterEach, describe, expect, test } from 'vitest';
import type { Authenticate } from '../../src/auth/ports.ts';
import { type Environment, parseConfig } from '../../src/config.ts';
import { createHttpServer, type HttpServer } from '../../src/http.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { createMetrics } from '../../src/observe/metrics.ts';

const running: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

/** `Bearer user-1` is a user, `Bearer down` can't be told, everything else is nobody. */
const authenticate: Authenticate = async (header) => {
  const token = header?.replace('Bearer ', '');
  if (token === 'down') return { outcome: 'unavailable', cause: 'the identity provider is gone' };
  if (!token?.startsWith('user-')) return { outcome: 'anonymous', reason: 'no-token' };
  const user = {
    id: token,
    email: 'a@example.org',
    username: 'a',
    firstName: null,
    lastName: null,
    profileImageUrl: null,
    isActive: true,
    isEmailVerified: false,
    lastLoginAt: null,
    roles: [],
    createdAt: 0,
    updatedAt: 0,
  };
  return { outcome: 'actor', actor: { userId: token }, user, session: token, expiresAt: Date.now() + 60_000 };
};

interface Running {
  readonly url: string;
  readonly port: number;
  readonly server: HttpServer;
  readonly lines: string[];
  /** Lets requests to /slow end. */
  readonly release: () => void;
  readonly slowStarted: Promise<void>;
  readonly database: { up: boolean | 'hangs' };
}

async function start(environment: Environment = {}): Promise<Running> {
  const parsed = parseConfig({ PORT: '0', ...environment });
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const database: Running['database'] = { up: true };
  const check = async (): Promise<void> => {
    if (database.up === 'hangs') await new Promise(() => {});
    if (!database.up) throw new Error('connection refused');
  };
  const server = await createHttpServer({
    config: parsed.config.http,
    logger: createLogger({ level: 'debug', destination }),
    metrics: createMetrics({ entityTypes: new Set(), process: false }),
    authenticate,
    checks: { database: check },
  });
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let started = (): void => {};
  const slowStarted = new Promise<void>((resolve) => {
    started = resolve;
  });
  server.app.post('/echo', async (request) => ({
    caller: request.authentication.outcome,
    body: request.body,
  }));
  server.app.get('/page/:id', async (_request, reply) => reply.type('text/html').send('<p>hello</p>'));
  server.app.get('/broken', async () => {
    throw new Error('SELECT needle FROM secret_table');
  });
  server.app.get('/slow', async () => {
    started();
    await released;
    return { done: true };
  });
  running.push(server);
  const { url } = await server.listen();
  return { url, port: Number(new URL(url).port), server, lines, release, slowStarted, database };
}

const post = (url: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}/echo`, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

async function refusalOf(response: Response) {
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  const body = (await response.json()) as {
    data: unknown;
    errors: { message: string; extensions: { code: string } }[];
  };
  expect(body.data).toBeNull();
  expect(body.errors).toHaveLength(1);
  return { status: response.status, code: body.errors[0]?.extensions.code, message: body.errors[0]?.message };
}

describe('errors are JSON with a code', () => {
  test.each([
    ['malformed JSON', (url: string) => post(url, '{"a":'), 400, 'MALFORMED'],
    ['an empty body', (url: string) => post(url, ''), 400, 'MALFORMED'],
    ['lists in lists', (url: string) => post(url, `${'['.repeat(60_000)}`), 413, 'TOO_LARGE'],
    [
      'an object with very many members',
      (url: string) =>
        post(url, JSON.stringify(Object.fromEntries(Array.from({ length: 10_001 }, (_, at) => [at, 0])))),
      413,
      'TOO_LARGE',
    ],
    [
      'a compressed body',
      (url: string) => post(url, 'not plain', { 'content-encoding': 'gzip' }),
      415,
      'MALFORMED',
    ],
    [
      'another media type',
      (url: string) => post(url, 'a=b', { 'content-type': 'text/plain' }),
      415,
      'MALFORMED',
    ],
    ['an unknown path', (url: string) => fetch(`${url}/nowhere`), 404, 'ROUTE_UNKNOWN'],
    ['another method', (url: string) => fetch(`${url}/echo`), 404, 'ROUTE_UNKNOWN'],
    ['a path that can not be decoded', (url: string) => fetch(`${url}/page/%ff`), 400, 'MALFORMED'],
    ['a defect', (url: string) => fetch(`${url}/broken`), 500, 'INTERNAL'],
    [
      'who it is can not be told',
      (url: string) => post(url, '{}', { authorization: 'Bearer down' }),
      503,
      'UNAVAILABLE',
    ],
  ])('%s', async (_name, ask, status, code) => {
    const { url } = await start();
    expect(await refusalOf(await ask(url))).toMatchObject({ status, code });
  });

  test('a defect is told to the log and not to the caller', async () => {
    const { url, lines } = await start();
    const text = await (await fetch(`${url}/broken`)).text();
    expect(text).not.toMatch(/needle|secret_table|at .*\.ts/);
    expect(lines.join('')).toContain('secret_table');
  });

  test('a body that is too large', async () => {
    const { url } = await start({ BODY_BYTES_MAX: '2048' });
    const large = JSON.stringify('x'.repeat(3_000));
    expect(await refusalOf(await post(url, large))).toMatchObject({ status: 413, code: 'TOO_LARGE' });
    expect((await post(url, JSON.stringify('x'.repeat(1_000)))).status).toBe(200);
  });

  test('a body of undeclared length that turns out too large', async () => {
    const { url } = await start({ BODY_BYTES_MAX: '2048' });
    const chunks = new ReadableStream({
      start(controller) {
        for (let chunk = 0; chunk < 10; chunk += 1)
          controller.enqueue(new TextEncoder().encode('"'.padEnd(1_000)));
        controller.close();
      },
    });
    const init = {
      method: 'POST',
      body: chunks,
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
    };
    expect(await refusalOf(await fetch(`${url}/echo`, init as RequestInit))).toMatchObject({
      code: 'TOO_LARGE',
    });
  });

  test('a body says what is wrong with it, and a member called __proto__ is one like any other', async () => {
    const { url } = await start();
    const message = async (body: string, headers?: Record<string, string>) =>
      (await refusalOf(await post(url, body, headers))).message;
    expect(await message('[1')).toContain('no JSON');
    expect(await message('[1', { 'content-encoding': 'gzip' })).toContain('Compressed bodies');
    expect(await message('['.repeat(65))).toContain('64 deep');
    const poisoned = '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}';
    expect(await (await post(url, poisoned)).text()).toContain(poisoned);
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
    expect(await (await post(url, '\ufeff[7]')).json()).toMatchObject({ body: [7] });
  });

  test('a large body needs a user, and says so', async () => {
    const { url } = await start();
    const large = JSON.stringify('x'.repeat(LIMITS.anonymousBodyBytesMax));
    expect(await refusalOf(await post(url, large))).toMatchObject({ status: 413, code: 'UNAUTHENTICATED' });
    expect((await post(url, large, { authorization: 'Bearer user-1' })).status).toBe(200);
  });

  test('what is no HTTP at all', async () => {
    const { port } = await start();
    const socket = connect(port, '127.0.0.1');
    socket.end('this is not HTTP\r\n\r\n');
    let text = '';
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(text.split('\r\n\r\n')[1] ?? '')).toMatchObject({
      errors: [{ extensions: { code: 'MALFORMED' } }],
    });
  });
});

describe('requests are limited', () => {
  test('per user, with the time to wait', async () => {
    const { url } = await start({ REQUESTS_PER_MINUTE_MAX: '3' });
    const ask = (user: string) => post(url, '{}', { authorization: `Bearer ${user}` });
    for (let request = 0; request < 3; request += 1) expect((await ask('user-1')).status).toBe(200);
    const response = await ask('user-1');
    const retryAfter = Number(response.headers.get('retry-after'));
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(20);
    expect(await refusalOf(response)).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect((await ask('user-2')).status).toBe(200);
  });

  test('per address for everybody without a valid token, health checks left out', async () => {
    const { url } = await start({ REQUESTS_PER_MINUTE_MAX: '2' });
    await post(url, '{}');
    await post(url, '{}', { authorization: 'Bearer made-up-1' });
    expect((await post(url, '{}', { authorization: 'Bearer made-up-2' })).status).toBe(429);
    for (let check = 0; check < 5; check += 1) expect((await fetch(`${url}/livez`)).status).toBe(200);
  });

  test('X-Forwarded-For is believed only from a trusted proxy', async () => {
    const forwarded = (url: string, address: string) => post(url, '{}', { 'x-forwarded-for': address });
    const alone = await start({ REQUESTS_PER_MINUTE_MAX: '1' });
    expect((await forwarded(alone.url, '203.0.113.1')).status).toBe(200);
    expect((await forwarded(alone.url, '203.0.113.2')).status).toBe(429);
    const behind = await start({ REQUESTS_PER_MINUTE_MAX: '1', TRUST_PROXY: 'loopback' });
    expect((await forwarded(behind.url, '203.0.113.1')).status).toBe(200);
    expect((await forwarded(behind.url, '203.0.113.2')).status).toBe(200);
    expect((await forwarded(behind.url, '203.0.113.2')).status).toBe(429);
  });

  test('bodies under way share a bound, which is free again when their callers hang up', async () => {
    // A body of 240 MB leaves no room for one of 30 MB beside it.
    const { url, port } = await start({ BODY_BYTES_MAX: '250000000' });
    const upload = () => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(
        'POST /echo HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer user-1\r\n' +
          'Content-Type: application/json\r\nContent-Length: 240000000\r\n\r\n{',
      );
      return socket;
    };
    const half = upload();
    const small = () => post(url, JSON.stringify('x'.repeat(30_000_000)), { authorization: 'Bearer user-1' });
    await expect.poll(async () => (await small()).status, { timeout: 20_000 }).toBe(503);
    half.destroy();
    await expect.poll(async () => (await small()).status, { timeout: 20_000 }).toBe(200);
  });
});

describe('headers', () => {
  test('an answer can not be taken for a page, framed or kept', async () => {
    const { url } = await start();
    const { headers } = await post(url, '{}');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect((await fetch(`${url}/page/1`)).headers.get('content-security-policy')).toBeNull();
  });

  test('the request id of the caller is kept if it is a plain one, and is in the log', async () => {
    const { url, lines } = await start();
    const idOf = async (given: string) =>
      (await post(url, '{}', { 'x-request-id': given })).headers.get('x-request-id');
    expect(await idOf('trace-42')).toBe('trace-42');
    expect(await idOf('has blanks and "quotes"')).toMatch(/^[\da-f-]{36}$/);
    await expect.poll(() => lines.join('')).toContain('"requestId":"trace-42"');
  });

  test.each([
    ['in development every origin', {}, 'https://anywhere.example.org', '*'],
    [
      'a listed origin',
      { CORS_ORIGINS: 'https://app.example.org' },
      'https://app.example.org',
      'https://app.example.org',
    ],
    ['no other', { CORS_ORIGINS: 'https://app.example.org' }, 'https://evil.example.org', null],
  ])('CORS: %s', async (_name, environment, origin, allowed) => {
    const { url } = await start(environment);
    const asked = {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    };
    const preflight = await fetch(`${url}/echo`, { method: 'OPTIONS', headers: asked });
    expect(preflight.headers.get('access-control-allow-origin')).toBe(allowed);
    const refused = await post(url, '{"a":', { origin });
    expect(refused.status).toBe(400);
    expect(refused.headers.get('access-control-allow-origin')).toBe(allowed);
    expect(refused.headers.get('access-control-allow-credentials')).toBeNull();
  });
});

describe('what machines ask', () => {
  test('alive and ready', async () => {
    const { url } = await start();
    expect(await (await fetch(`${url}/livez`)).json()).toEqual({ status: 'alive' });
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready', database: 'up' }]);
  });

  test.each([false, 'hangs'] as const)('not ready when the database is gone: up = %s', async (up) => {
    const { url, database } = await start();
    database.up = up;
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'not ready', database: 'down' }]);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
  });

  test('metrics name routes by their pattern', async () => {
    const { url } = await start();
    await fetch(`${url}/page/an-id-of-somebody`);
    await fetch(`${url}/nowhere/made-up`);
    const metrics = await fetch(`${url}/metrics`);
    const text = await metrics.text();
    expect(metrics.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(text).toContain('route="/page/:id",status="200"');
    expect(text).toContain('route="unknown",status="404"');
    expect(text).not.toMatch(/an-id-of-somebody|made-up/);
  });

  test('metrics need the token, if there is one', async () => {
    const { url } = await start({ METRICS_TOKEN: 'scrape-me-if-you-can' });
    const ask = (token: string) => fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    expect((await ask('scrape-me-if-you-cam')).status).toBe(401);
    expect((await ask('scrape-me-if-you-can')).status).toBe(200);
  });

  test('in production metrics are off without a token', async () => {
    const { url } = await start({
      NODE_ENV: 'production',
      JWT_SECRET: 'k3vJ8mQ2xW7pL5nR9tY4bH6cF1dS0gZaU+iO',
    });
    expect(await refusalOf(await fetch(`${url}/metrics`))).toMatchObject({
      status: 404,
      code: 'ROUTE_UNKNOWN',
    });
  });
});

describe('closing', () => {
  test('running requests finish, then nobody is let in', async () => {
    const { url, server, release, slowStarted } = await start();
    const slow = fetch(`${url}/slow`);
    await slowStarted;
    const closed = server.close();
    const knock = () =>
      fetch(`${url}/livez`).then(
        () => 'open',
        () => 'shut',
      );
    await expect.poll(knock).toBe('shut');
    release();
    expect(await (await slow).json()).toEqual({ done: true });
    await closed;
  });

  test('who has connected and asked before the stop is served', async () => {
    const { port, server } = await start();
    const sockets = Array.from({ length: 8 }, () => connect(port, '127.0.0.1'));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    const answers = sockets.map(async (socket) => {
      socket.write('GET /livez HTTP/1.1\r\nHost: test\r\n\r\n');
      const [chunk] = await once(socket, 'data');
      return String(chunk);
    });
    const closed = server.close();
    for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    await closed;
  });

  test('says not ready first, while it still serves', async () => {
    const { url, server } = await start({ SHUTDOWN_DELAY_MS: '1000' });
    const closed = server.close();
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'closing', database: 'up' }]);
    expect((await post(url, '{}')).status).toBe(200);
    await closed;
    await expect(fetch(`${url}/livez`)).rejects.toThrow();
  });

  test('what takes too long is cut', async () => {
    const { port, server, slowStarted } = await start({ SHUTDOWN_MS_MAX: '200' });
    const request = httpRequest({ port, path: '/slow' }).end();
    const failed = once(request, 'error');
    await slowStarted;
    const startedAt = performance.now();
    await server.close();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
  });

  test('an idle connection does not hold it up, and closing twice is closing once', async () => {
    const { port, server } = await start();
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /livez HTTP/1.1\r\nHost: test\r\n\r\n');
    await once(socket, 'data');
    const startedAt = performance.now();
    await Promise.all([server.close(), server.close()]);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

test('localhost is one address: a second server would still let people in while the first closes', async () => {
  const { server, url } = await start({ HOST: 'localhost' });
  expect(server.app.addresses()).toHaveLength(1);
  expect(await (await fetch(`${url}/livez`)).json()).toBeTruthy();
});

test('a port in use is told by its code', async () => {
  const { port } = await start();
  await expect(start({ PORT: String(port) })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
