/**
 * A server that is killed in the middle of uploads: under a key there is a whole file or none, before and after the
 * restart, and the same URL is still good. A real process, with its own database and folder.
 */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';
import { type ClientRequest, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Loose } from '../gaps/ground.ts';
import { until } from '../torture/support/conditions.ts';
import { dataFolder, type ServerProcess, startCommand } from '../torture/support/process.ts';
import { CREATE_UPLOAD } from './file-ground.ts';

const TYPE = 'image/jpeg';
const SIZE = 8_000_000;
const sha256 = (body: Buffer): string => createHash('sha256').update(body).digest('hex');

async function ask(
  { url }: ServerProcess,
  token: string | null,
  query: string,
  variables: object,
): Promise<Loose> {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await answer.json()) as Loose;
  expect(errors).toBeUndefined();
  return data;
}

async function signIn(server: ServerProcess): Promise<string> {
  const input = { email: 'crash@example.org', password: 'long enough' };
  await ask(server, null, 'mutation R($input: UserInput!) { register(input: $input) { id } }', { input });
  return (
    await ask(server, null, 'mutation L($input: UserInput!) { login(input: $input) { token } }', { input })
  ).login.token;
}

/** The same URL at whatever port the server has now. */
const at = (server: ServerProcess, url: string): string => url.replace(/^http:\/\/[^/]+/, server.url);

/** Sends the first part of the body and keeps the rest. */
function half(url: string, body: Buffer): ClientRequest {
  const headers = { 'content-type': TYPE, 'content-length': body.length };
  const request = httpRequest(url, { method: 'PUT', headers });
  request.on('error', () => {});
  request.write(body.subarray(0, body.length / 2));
  return request;
}

test('kill -9 in the middle of uploads leaves whole files or none', { timeout: 120_000 }, async () => {
  const folder = await dataFolder();
  const start = (): Promise<ServerProcess> => startCommand({ ACKORD_DATA_DIR: folder });
  const files = join(folder, 'files');
  const incoming = async (): Promise<number> => {
    const drafts = await readdir(join(files, '.incoming'));
    const sizes = await Promise.all(
      drafts.map(async (name) => (await stat(join(files, '.incoming', name))).size),
    );
    return Math.max(0, ...sizes);
  };

  let server = await start();
  const token = await signIn(server);
  const { createUploadUrl: given } = await ask(server, token, CREATE_UPLOAD, {
    filename: 'a.jpg',
    mimeType: TYPE,
  });
  const path = join(files, given.objectKey);

  // In the middle of the first upload.
  const first = randomBytes(SIZE);
  half(at(server, given.uploadUrl), first);
  await until('bytes have come', async () => (await incoming()) > 1_000_000);
  await server.end('SIGKILL');
  await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });

  server = await start();
  expect((await fetch(at(server, given.downloadUrl))).status).toBe(404);
  const put = await fetch(at(server, given.uploadUrl), {
    method: 'PUT',
    body: first,
    headers: { 'content-type': TYPE },
  });
  expect(put.status).toBe(200);
  expect(sha256(await readFile(path))).toBe(sha256(first));

  // At any moment of another one over it.
  const known = new Map([[sha256(first), 'first']]);
  for (let round = 0; round < 3; round += 1) {
    const next = randomBytes(SIZE);
    known.set(sha256(next), `round ${round}`);
    const upload = half(at(server, given.uploadUrl), next);
    upload.end(next.subarray(next.length / 2));
    const answered = once(upload, 'response').then(
      ([{ statusCode }]) => statusCode as number,
      () => null,
    );
    await sleep(Math.random() * 30);
    await server.end('SIGKILL');
    const stored = sha256(await readFile(path));
    expect(known.has(stored)).toBe(true);
    // What was answered is there.
    if ((await answered) === 200) expect(known.get(stored)).toBe(`round ${round}`);
    server = await start();
    const got = await fetch(at(server, given.downloadUrl));
    expect(sha256(Buffer.from(await got.arrayBuffer()))).toBe(stored);
  }
  await server.end('SIGTERM');
});
