/** REST routes as callers meet them: what is read, what is refused and how, limits, compression, origins. */
import { randomBytes } from 'node:crypto';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { LIMITS } from '@ackord/core';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Authenticate } from '../../src/auth/ports.ts';
import { type Environment, parseConfig } from '../../src/config.ts';
import { createHttpServer, type HttpServer } from '../../src/http.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { addRestRoutes, type RestOptions } from '../../src/transports/rest/add-rest-routes.ts';
import { answerJson, refuse } from '../../src/transports/rest/answer.ts';
import { type RestRoute, restRoute } from '../../src/transports/rest/route.ts';

const running: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

/** `Bearer ada` is a user, `Bearer down` can't be told, everything else is nobody. */
const authenticate: Authenticate = async (header) => {
  if (header === 'Bearer down') return { outcome: 'unavailable', cause: 'the database is at 10.0.0.1' };
  if (header !== 'Bearer ada') return { outcome: 'anonymous', reason: 'no-token' };
  const user = {
    id: 'ada',
    email: 'a@example.org',
    username: 'ada',
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
  return { outcome: 'actor', actor: { userId: 'ada' }, user, session: 'ada', expiresAt: Date.now() + 60_000 };
};

const base = { tag: 'Things', summary: 'Does', access: { token: 'optional', note: 'everybody.' } } as const;
const any = { 200: { description: 'Done.', schema: z.unknown() }, 204: { description: 'Done.' } };

const echo = restRoute({
  ...base,
  method: 'POST',
  path: '/things/{id}',
  alsoWithSlash: true,
  params: z.object({ id: z.string().max(5) }),
  query: z.object({ page: z.coerce.number().int().optional() }),
  body: z.object({ name: z.string(), tags: z.array(z.object({ weight: z.number() })).optional() }),
  answers: any,
  handle: ({ params, query, body, address, origin, authentication }) =>
    answerJson({ params, query, body, address, origin, caller: authentication.outcome }),
});

const upload = restRoute({
  ...base,
  method: 'POST',
  path: '/upload',
  body: {
    kind: 'multipart',
    fields: z.object({ title: z.string() }),
    file: { name: 'file', description: 'Any.', bytesMax: 200_000 },
  },
  answers: any,
  handle: ({ body }) =>
    answerJson({ title: body.fields.title, fileName: body.file.fileName, size: body.file.bytes.length }),
});

const throws = (path: string, error: Error): RestRoute => ({
  ...base,
  method: 'GET',
  path,
  answers: any,
  handle: () => Promise.reject(error),
});

const large = (length: number, path: string): RestRoute => ({
  ...base,
  method: 'GET',
  path,
  answers: any,
  handle: () => answerJson('x'.repeat(length)),
});

const gone = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5432'), { outcome: 'unavailable' });
const routes: RestRoute[] = [
  echo,
  upload,
  throws('/defect', new Error('SELECT needle FROM secret_table')),
  throws('/gone', gone),
  large(2_000, '/large'),
  large(100, '/small'),
  {
    ...base,
    method: 'DELETE',
    path: '/things/{id}',
    params: z.object({ id: z.string() }),
    answers: any,
    handle: () => ({ status: 204 }),
  },
  {
    ...base,
    method: 'GET',
    path: '/refused',
    answers: any,
    handle: () => refuse({ status: 409, code: 'IN_USE', detail: 'By a test.' }),
  },
  {
    ...base,
    method: 'GET',
    path: '/open',
    access: { token: 'none', note: 'everybody.' },
    alwaysOpen: true,
    answers: any,
    handle: () => answerJson({ ok: true }),
  },
];

async function start(options: RestOptions = {}, environment: Environment = {}) {
  const parsed = parseConfig({ PORT: '0', ...environment });
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  const server = await createHttpServer({
    config: parsed.config.http,
    logger: createLogger({ level: 'silent' }),
    metrics: createMetrics({ entityTypes: new Set(), process: false }),
    authenticate,
    checks: {},
  });
  running.push(server);
  await addRestRoutes(server.app, routes, { checkAnswers: true, ...options });
  await server.app.ready();
  return server.app;
}

const json = { 'content-type': 'application/json' };

describe('a call', () => {
  test('is read and handed over', async () => {
    const app = await start();
    for (const url of ['/things/1?page=2&other=3', '/things/1/?page=2']) {
      const answer = await app.inject({
        method: 'POST',
        url,
        payload: { name: 'a', extra: true },
        headers: { origin: 'https://app.example.org', authorization: 'Bearer ada' },
      });
      expect(answer.json()).toEqual({
        params: { id: '1' },
        query: { page: 2 },
        body: { name: 'a' },
        address: '127.0.0.1',
        origin: 'https://app.example.org',
        caller: 'actor',
      });
    }
  });

  test('may say that it has JSON and have nothing', async () => {
    const app = await start();
    const removed = await app.inject({ method: 'DELETE', url: '/things/1', headers: json });
    expect([removed.statusCode, removed.body]).toEqual([204, '']);
    const missing = await app.inject({ method: 'POST', url: '/things/1', headers: json });
    expect([missing.statusCode, missing.json().detail]).toEqual([
      422,
      [{ loc: ['body'], msg: 'Field required', type: 'missing' }],
    ]);
  });

  test('with HEAD is answered like GET, without the body', async () => {
    const app = await start();
    const answer = await app.inject({ method: 'HEAD', url: '/small' });
    expect([answer.statusCode, answer.body]).toEqual([200, '']);
  });
});

describe('faults of a call', () => {
  test('all of them, each with its place, and never what was sent', async () => {
    const app = await start();
    const answer = await app.inject({
      method: 'POST',
      url: '/things/secret?page=secret',
      payload: { name: 1, tags: [{ weight: 'secret' }, {}] },
    });
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toEqual({
      detail: [
        { loc: ['path', 'id'], msg: 'must have at most 5 characters', type: 'too_big' },
        { loc: ['query', 'page'], msg: 'must be a number', type: 'invalid_type' },
        { loc: ['body', 'name'], msg: 'must be a text', type: 'invalid_type' },
        { loc: ['body', 'tags', 0, 'weight'], msg: 'must be a number', type: 'invalid_type' },
        { loc: ['body', 'tags', 1, 'weight'], msg: 'Field required', type: 'missing' },
      ],
      code: 'BAD_USER_INPUT',
    });
    expect(answer.body).not.toContain('secret');
  });

  test('are not listed without end', async () => {
    const app = await start();
    const tags = Array.from({ length: 5_000 }, () => ({}));
    const answer = await app.inject({ method: 'POST', url: '/things/1', payload: { name: 'a', tags } });
    expect(answer.json().detail).toHaveLength(LIMITS.restFaultsMax);
  });

  test.each([
    ['no JSON', '{"name": secret', json],
    ['cut off', '{"name": "secr', json],
    ['plain text', 'secret', { 'content-type': 'text/plain' }],
    ['a form', 'name=secret', { 'content-type': 'application/x-www-form-urlencoded' }],
    [
      'a multipart form where none is taken',
      '--a\r\n',
      { 'content-type': 'multipart/form-data; boundary=a' },
    ],
    ['compressed', 'secret', { ...json, 'content-encoding': 'gzip' }],
  ])('a body that is %s: 422', async (_what, payload, headers) => {
    const app = await start();
    const answer = await app.inject({ method: 'POST', url: '/things/1', payload, headers });
    expect([answer.statusCode, answer.json().detail[0].loc]).toEqual([422, ['body']]);
    expect(answer.body).not.toContain('secret');
  });

  test.each(['[]', 'null', '1', '"text"'])('a body that is %s: 422', async (payload) => {
    const app = await start();
    const answer = await app.inject({ method: 'POST', url: '/things/1', payload, headers: json });
    expect([answer.statusCode, answer.json().detail[0].loc]).toEqual([422, ['body']]);
  });

  test('members called like those of objects do no harm', async () => {
    const app = await start();
    const payload = '{"name": "a", "__proto__": {"polluted": 1}, "constructor": 1}';
    const answer = await app.inject({ method: 'POST', url: '/things/1', payload, headers: json });
    expect(answer.json().body).toEqual({ name: 'a' });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('refusals read { detail, code }, whoever refuses', () => {
  test.each([
    ['a handler', { url: '/refused' }, 409, 'IN_USE'],
    ['a defect', { url: '/defect' }, 500, 'INTERNAL'],
    ['a database that is gone', { url: '/gone' }, 503, 'UNAVAILABLE'],
    [
      'a caller that can’t be told',
      { url: '/small', headers: { authorization: 'Bearer down' } },
      503,
      'UNAVAILABLE',
    ],
    ['an address below /api that is nothing', { url: '/api/v1/nothing' }, 404, 'ROUTE_UNKNOWN'],
    [
      'a body that is too large',
      {
        method: 'POST',
        url: '/things/1',
        headers: { ...json, authorization: 'Bearer ada' },
        payload: 'x'.repeat(LIMITS.restBodyBytesMax + 1),
      },
      413,
      'TOO_LARGE',
    ],
    [
      'a body that is too large for nobody',
      {
        method: 'POST',
        url: '/things/1',
        headers: json,
        payload: 'x'.repeat(LIMITS.anonymousBodyBytesMax + 1),
      },
      413,
      'UNAUTHENTICATED',
    ],
    [
      'JSON that is nested too deep',
      { method: 'POST', url: '/things/1', headers: json, payload: '['.repeat(1_000) },
      413,
      'TOO_LARGE',
    ],
  ] as const)('%s', async (_who, request, status, code) => {
    const app = await start();
    const answer = await app.inject(request);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(answer.json()).toEqual({ detail: expect.any(String), code });
    expect(answer.body).not.toMatch(/needle|10\.0\.0\.1|ECONN|\n +at /);
    if (status === 503) expect(answer.headers['retry-after']).toBe('1');
  });

  test('also that of the rate limit, which health checks do not know', async () => {
    const app = await start({}, { REQUESTS_PER_MINUTE_MAX: '1' });
    await app.inject('/small');
    const limited = await app.inject('/small');
    expect([limited.statusCode, limited.json().code]).toEqual([429, 'RATE_LIMITED']);
    expect((await app.inject('/open')).statusCode).toBe(200);
  });

  test('in the open mode nobody may send as much as a user', async () => {
    const app = await start({ openAccess: true });
    const payload = { name: 'x'.repeat(LIMITS.anonymousBodyBytesMax) };
    expect((await app.inject({ method: 'POST', url: '/things/1', payload })).statusCode).toBe(200);
  });
});

describe('forms', () => {
  const formOf = (parts: readonly string[], file?: Buffer) => {
    const head = parts.map((part) => `--b\r\n${part}\r\n`).join('');
    const fileHead = '--b\r\nContent-Disposition: form-data; name="file"; filename="../a.png"\r\n\r\n';
    const payload = Buffer.concat([
      Buffer.from(head),
      ...(file ? [Buffer.from(fileHead), file, Buffer.from('\r\n')] : []),
      Buffer.from('--b--\r\n'),
    ]);
    return {
      method: 'POST',
      url: '/upload',
      payload,
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
    } as const;
  };
  const field = (name: string, value: string) =>
    `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`;

  test('fields and the file', async () => {
    const app = await start();
    const answer = await app.inject(formOf([field('title', 'A'), field('other', 'B')], randomBytes(5_000)));
    expect(answer.json()).toEqual({ title: 'A', fileName: 'a.png', size: 5_000 });
  });

  test.each([
    ['no file', formOf([field('title', 'A')]), 422],
    ['a file that is too large', formOf([field('title', 'A')], Buffer.alloc(200_001)), 413],
    [
      'a field that is too large',
      formOf([field('title', 'x'.repeat(LIMITS.multipartFieldBytesMax + 1))], Buffer.alloc(1)),
      413,
    ],
    [
      'too many fields',
      formOf(
        Array.from({ length: 50 }, (_, at) => field(`f${at}`, 'x')),
        Buffer.alloc(1),
      ),
      413,
    ],
    ['a field called __proto__', formOf([field('__proto__', 'x')], Buffer.alloc(1)), 422],
    [
      'a form that is cut off',
      {
        ...formOf([], Buffer.alloc(100)),
        payload: '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
      },
      422,
    ],
    ['JSON', { method: 'POST', url: '/upload', payload: { title: 'A' } } as const, 422],
  ])('%s is refused', async (_what, request, status) => {
    const app = await start({ openAccess: true });
    const answer = await app.inject(request);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ detail: expect.anything(), code: expect.any(String) });
  });
});

describe('compression', () => {
  test.each([
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const)('%s for answers from 1 KB on', async (encoding, unpack) => {
    const app = await start();
    const headers = { 'accept-encoding': encoding };
    const answer = await app.inject({ url: '/large', headers });
    expect(answer.headers['content-encoding']).toBe(encoding);
    expect(answer.headers.vary).toMatch(/accept-encoding/i);
    expect(JSON.parse(unpack(answer.rawPayload).toString())).toBe('x'.repeat(2_000));
    expect(answer.rawPayload.length).toBeLessThan(500);
    expect((await app.inject({ url: '/small', headers })).headers['content-encoding']).toBeUndefined();
  });

  test('not for who does not ask, and not for other routes', async () => {
    const app = await start();
    expect((await app.inject('/large')).headers['content-encoding']).toBeUndefined();
    const metrics = await app.inject({ url: '/metrics', headers: { 'accept-encoding': 'br, gzip' } });
    expect(metrics.rawPayload.length).toBeGreaterThan(1_024);
    expect(metrics.headers['content-encoding']).toBeUndefined();
  });
});

describe('pages of other origins', () => {
  const page = { origin: 'https://app.example.org' };

  test('may use all methods and the headers of apps', async () => {
    const app = await start({}, { CORS_ORIGINS: page.origin });
    const asked = 'X-Tenant-Id, X-User-Id, Content-Type, Authorization';
    for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
      const answer = await app.inject({
        method: 'OPTIONS',
        url: '/things/1',
        headers: {
          ...page,
          'access-control-request-method': method,
          'access-control-request-headers': asked,
        },
      });
      expect(answer.statusCode).toBe(204);
      expect(answer.headers['access-control-allow-origin']).toBe(page.origin);
      expect(answer.headers['access-control-allow-methods']).toContain(method);
      expect(answer.headers['access-control-allow-headers']).toBe(asked);
    }
  });

  test('call without a token only where they are trusted', async () => {
    const app = await start({ openAccess: true, isOriginAllowed: (origin) => origin === page.origin });
    const from = async (headers: Record<string, string>) =>
      (await app.inject({ method: 'DELETE', url: '/things/1', headers })).statusCode;
    expect(await from({})).toBe(204);
    expect(await from(page)).toBe(204);
    expect(await from({ origin: 'https://evil.example' })).toBe(403);
    expect(await from({ origin: 'null' })).toBe(403);
    expect(await from({ origin: 'https://evil.example', authorization: 'Bearer ada' })).toBe(204);
  });
});

test('a table whose path and schema differ is a mistake', async () => {
  const app = await start();
  const wrong = {
    ...base,
    method: 'GET',
    path: '/a/{id}',
    answers: any,
    handle: () => answerJson(1),
  } as const;
  await expect(addRestRoutes(app, [wrong])).rejects.toThrow('/a/{id}');
});

describe('over a real connection', () => {
  test('whoever is still sending hears why it was refused', async () => {
    const app = await start({ openAccess: true });
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    const form = new FormData();
    form.set('title', 'A');
    form.set('file', new Blob([Buffer.alloc(20_000_000)]), 'a.png');
    const tooLarge = await fetch(`${url}/upload`, { method: 'POST', body: form });
    expect([tooLarge.status, await tooLarge.json()]).toMatchObject([413, { code: 'TOO_LARGE' }]);
    const endless = new ReadableStream({
      start(controller) {
        for (let part = 0; part < 20; part += 1) controller.enqueue(Buffer.alloc(1_000_000, 'x'));
        controller.close();
      },
    });
    const text = await fetch(`${url}/things/1`, {
      method: 'POST',
      body: endless,
      duplex: 'half',
      headers: { 'content-type': 'text/plain', authorization: 'Bearer ada' },
    } as RequestInit);
    expect([text.status, (await text.json()) as object]).toMatchObject([
      422,
      { detail: [{ loc: ['body'] }] },
    ]);
  });
});
