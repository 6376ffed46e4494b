/** What the routes of the local store do beyond what any store does: limits, broken uploads, what browsers need. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, readlink, utimes, writeFile } from 'node:fs/promises';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newKey } from '../../src/files/key.ts';
import { type FileServer, startFileServer } from './file-server.ts';

let server: FileServer;
beforeEach(async () => {
  server = await startFileServer();
});
afterEach(() => server.close());

const TYPE = 'image/jpeg';
const uploadUrl = (key: string, sizeMax = 1_000_000): Promise<string> =>
  server.store.uploadUrl({ base: server.base, key, contentType: TYPE, sizeMax, seconds: 60 });
const downloadUrl = (key: string, contentType = TYPE): Promise<string> =>
  server.store.downloadUrl({ base: server.base, key, contentType, seconds: 60 });
const put = (url: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { method: 'PUT', body, headers: { 'content-type': TYPE, ...headers } });
const stored = async (body: string): Promise<string> => {
  const key = newKey('media', '', 'jpg');
  expect((await put(await uploadUrl(key), body)).status).toBe(200);
  return key;
};
const incoming = (): Promise<string[]> => readdir(join(server.folder, '.incoming'));
const codeOf = async (answer: Response): Promise<unknown> =>
  ((await answer.json()) as { errors: { extensions: { code: string } }[] }).errors[0]?.extensions.code;

/** A PUT whose body is sent by hand. */
function begin(url: string, headers: Record<string, string | number> = {}): ClientRequest {
  const request = httpRequest(url, { method: 'PUT', headers: { 'content-type': TYPE, ...headers } });
  request.on('error', () => {});
  return request;
}

const answerOf = async (request: ClientRequest): Promise<{ status: number | undefined; body: string }> => {
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of answer) body += String(chunk);
  return { status: answer.statusCode, body };
};

test('success is 200 and nothing else', async () => {
  const answer = await put(await uploadUrl(newKey('media', '', 'jpg')), 'x');
  expect([answer.status, await answer.text()]).toEqual([200, '']);
});

describe('too large', () => {
  test('by its own word: refused before a byte is read', async () => {
    const key = newKey('media', '', 'jpg');
    const request = begin(await uploadUrl(key, 10), { 'content-length': 11 });
    request.flushHeaders();
    const { status, body } = await answerOf(request);
    expect([status, JSON.parse(body).errors[0].extensions.code]).toEqual([413, 'TOO_LARGE']);
    request.destroy();
    expect(await server.store.stat(key)).toBeNull();
  });

  test('without a word: refused as soon as it is too much', async () => {
    const key = newKey('media', '', 'jpg');
    const request = begin(await uploadUrl(key, 100_000), { 'transfer-encoding': 'chunked' });
    const answer = answerOf(request);
    request.write(randomBytes(60_000));
    request.write(randomBytes(60_000));
    expect((await answer).status).toBe(413);
    request.destroy();
    expect([await server.store.stat(key), await incoming()]).toEqual([null, []]);
  });

  test('exactly as large as it may be', async () => {
    const key = newKey('media', '', 'jpg');
    expect((await put(await uploadUrl(key, 1000), randomBytes(1000))).status).toBe(200);
  });

  test('anonymous bodies elsewhere are as small as ever', async () => {
    const answer = await put(`${server.base}/elsewhere`, randomBytes(200_000));
    expect(answer.status).toBe(413);
  });
});

describe('broken off', () => {
  test('a hang-up in the middle leaves nothing, and the old file stays', async () => {
    const key = await stored('the old one');
    const request = begin(await uploadUrl(key), { 'content-length': 500_000 });
    request.write(randomBytes(200_000));
    await expect.poll(incoming).toHaveLength(1);
    request.destroy();
    await expect.poll(incoming).toEqual([]);
    expect(await readFile(join(server.folder, key), 'utf8')).toBe('the old one');
    expect(server.log).toEqual([]);
  });

  test('a body that ends before its length leaves nothing', async () => {
    const key = newKey('media', '', 'jpg');
    const { pathname, search } = new URL(await uploadUrl(key));
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    socket.end(
      `PUT ${pathname}${search} HTTP/1.1\r\nHost: a\r\nContent-Type: ${TYPE}\r\nContent-Length: 100\r\n\r\nonly this`,
    );
    await once(socket, 'close');
    await expect.poll(incoming).toEqual([]);
    expect(await server.store.stat(key)).toBeNull();
  });

  test('what a crash left is cleared away when it is old', async () => {
    const [old, young] = ['old', 'young'].map((name) => join(server.folder, '.incoming', name)) as [
      string,
      string,
    ];
    await writeFile(old, 'half');
    await writeFile(young, 'half');
    const then = new Date(Date.now() - 24 * 3_600_000);
    await utimes(old, then, then);
    await server.store.tidy();
    expect(await incoming()).toEqual(['young']);
  });
});

test('a completed file is never overwritten', async () => {
  const key = await stored('looked at');
  server.completed.add(key);
  const answer = await put(await uploadUrl(key), 'something else');
  expect([answer.status, await codeOf(answer)]).toEqual([403, 'FILE_URL_INVALID']);
  expect(await readFile(join(server.folder, key), 'utf8')).toBe('looked at');
});

test.each([
  ['another type', { 'content-type': 'text/html' }],
  ['a parameter more', { 'content-type': `${TYPE}; charset=utf-8` }],
  ['compressed', { 'content-encoding': 'gzip' }],
])('%s is 415', async (_what, headers) => {
  const answer = await put(await uploadUrl(newKey('media', '', 'jpg')), 'x', headers);
  expect([answer.status, await codeOf(answer)]).toEqual([415, 'BAD_USER_INPUT']);
});

test('no more uploads at once than there is room for', async () => {
  const narrow = await startFileServer({}, 1);
  try {
    const urlOf = (key: string): Promise<string> =>
      narrow.store.uploadUrl({ base: narrow.base, key, contentType: TYPE, sizeMax: 1000, seconds: 60 });
    const first = begin(await urlOf(newKey('media', '', 'jpg')), { 'content-length': 10 });
    first.write('12345');
    await expect.poll(() => readdir(join(narrow.folder, '.incoming'))).toHaveLength(1);
    const busy = await put(await urlOf(newKey('media', '', 'jpg')), 'x');
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '1']);
    const done = answerOf(first);
    first.end('67890');
    expect((await done).status).toBe(200);
    const later = await urlOf(newKey('media', '', 'jpg'));
    await expect.poll(async () => (await put(later, 'x')).status).toBe(200);
  } finally {
    await narrow.close();
  }
});

describe('downloads', () => {
  test('the last bytes', async () => {
    const answer = await fetch(await downloadUrl(await stored('0123456789')), {
      headers: { range: 'bytes=-2' },
    });
    expect([answer.status, await answer.text()]).toEqual([206, '89']);
    expect(answer.headers.get('content-range')).toBe('bytes 8-9/10');
  });

  test('HEAD tells all but the content', async () => {
    const answer = await fetch(await downloadUrl(await stored('0123456789')), { method: 'HEAD' });
    expect([answer.status, answer.headers.get('content-length'), await answer.text()]).toEqual([
      200,
      '10',
      '',
    ]);
  });

  test('who has it already is told so; who has another one gets all of it', async () => {
    const key = await stored('0123456789');
    const url = await downloadUrl(key);
    const etag = (await fetch(url)).headers.get('etag') ?? '';
    expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
    const range = { range: 'bytes=2-3' };
    expect(await (await fetch(url, { headers: { ...range, 'if-range': etag } })).text()).toBe('23');
    expect(await (await fetch(url, { headers: { ...range, 'if-range': '"other"' } })).text()).toBe(
      '0123456789',
    );
    await put(await uploadUrl(key), 'changed');
    expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(200);
  });

  test('an uploaded page is no page, and no picture that is one', async () => {
    const key = await stored('<html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>');
    const { headers } = await fetch(await downloadUrl(key, 'application/xml'));
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-disposition')).toBe('attachment');
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/);
    expect(headers.get('cache-control')).toBe('private, no-cache');
  });

  test('a caller that leaves in the middle takes no file handle with it', async () => {
    const key = newKey('media', '', 'jpg');
    await put(await uploadUrl(key, 30_000_000), randomBytes(30_000_000));
    const url = await downloadUrl(key);
    // Of this very file; where the system does not tell, there is nothing to see.
    const handles = async (): Promise<number> => {
      const all = await readdir('/proc/self/fd').catch(() => []);
      const paths = await Promise.all(all.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
      return paths.filter((path) => path.includes(key)).length;
    };
    for (let round = 0; round < 5; round += 1) {
      const leaving = httpRequest(url).end();
      const [answer] = (await once(leaving, 'response')) as [IncomingMessage];
      await once(answer, 'readable');
      leaving.destroy();
    }
    await expect.poll(handles, { timeout: 10_000 }).toBe(0);
  });
});

test.each([
  ['GET', '/files/'],
  ['GET', '/files/media/x.jpg'],
  ['GET', '/files/..%2f..%2fetc%2fpasswd?expires=9999999999&type=a&signature=00'],
  ['GET', '/files/media/x.jpg?expires=9999999999&expires=1&type=a&signature=00'],
  ['PUT', '/files/media/x.jpg?expires=9999999999&type=image%2Fjpeg&max=10&signature=zz'],
  ['PUT', '/files/media/x.jpg?expires=1e9&type=image%2Fjpeg&max=-1&signature=00'],
])('%s %s is forbidden, and says no more', async (method, path) => {
  const answer = await fetch(`${server.base}${path}`, { method, ...(method === 'PUT' && { body: 'x' }) });
  expect([answer.status, await codeOf(answer)]).toEqual([403, 'FILE_URL_INVALID']);
});

test('pages of allowed origins may upload, and read what ranges need', async () => {
  const url = await uploadUrl(newKey('media', '', 'jpg'));
  const origin = 'https://app.example.org';
  const asked = {
    origin,
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'content-type',
  };
  const preflight = await fetch(url, { method: 'OPTIONS', headers: asked });
  expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT');
  expect(preflight.headers.get('access-control-allow-headers')).toContain('content-type');
  const answer = await fetch(await downloadUrl(await stored('x')), { headers: { origin } });
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  expect(answer.headers.get('access-control-expose-headers')).toMatch(/etag.*accept-ranges.*content-range/);
});
