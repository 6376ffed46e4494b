/** The S3 store passes what every store must, with every signature verified on its way. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newKey } from '../../src/files/key.ts';
import { openS3Store, type S3Store } from '../../src/files/s3-store.ts';
import { type S3Server, startS3 } from './s3-server.ts';
import { registerFileStoreTests } from './store-conformance.ts';

registerFileStoreTests('s3', async () => {
  const server = await startS3();
  const store = openS3Store(server.settings);
  const close = async (): Promise<void> => {
    store.close();
    // Both kinds of signatures went through, and every refusal was one of the gate's.
    expect(new Set(server.gate.judged)).toEqual(
      new Set([
        ...['PUT good', 'GET good', 'HEAD good', 'DELETE good'],
        ...['PUT wrong', 'GET wrong', 'PUT unsigned', 'PUT expired', 'GET expired'],
      ]),
    );
    await server.close();
  };
  return { store, base: '', close };
});

describe('what is special about S3', () => {
  let server: S3Server;
  let store: S3Store;
  beforeAll(async () => {
    server = await startS3();
    store = openS3Store(server.settings);
  });
  afterAll(async () => {
    store.close();
    await server.close();
  });
  const key = newKey('media', '', 'jpg');
  const upload = { base: '', key, contentType: 'image/jpeg', sizeMax: 10, seconds: 60 };

  test('the type is part of what is signed, and clients are asked for no other header', async () => {
    const { searchParams } = new URL(await store.uploadUrl(upload));
    expect(searchParams.get('X-Amz-SignedHeaders')).toBe('content-type;host');
    expect([...searchParams.keys()].filter((name) => /checksum/i.test(name))).toEqual([]);
  });

  test('paths name the bucket, and clients get the public name of the store', async () => {
    const outer = openS3Store({ ...server.settings, publicEndpoint: 'https://files.example.org' });
    for (const url of [await outer.uploadUrl(upload), await outer.downloadUrl(upload)])
      expect(url).toMatch(new RegExp(`^https://files\\.example\\.org/journal/${key}\\?`));
    outer.close();
  });

  test.each(['mediaitem/1751_ab12cd34.jpg', 'old/Ünïcode (1)!*.jpg', 'a b+c&d=e%2F'])(
    'any key that a bucket may hold: %s',
    async (name) => {
      const headers = { 'content-type': 'image/jpeg' };
      const put = await fetch(await store.uploadUrl({ ...upload, key: name }), {
        method: 'PUT',
        body: 'x',
        headers,
      });
      expect(put.status).toBe(200);
      expect(await store.stat(name)).toMatchObject({ size: 1 });
      expect(await (await fetch(await store.downloadUrl({ ...upload, key: name }))).text()).toBe('x');
      await store.remove(name);
    },
  );

  test('the type of what was uploaded is known', async () => {
    const headers = { 'content-type': 'image/jpeg' };
    await fetch(await store.uploadUrl(upload), { method: 'PUT', body: 'picture', headers });
    expect(await store.stat(key)).toEqual({ size: 7, contentType: 'image/jpeg' });
  });

  test('the bucket is looked for', async () => {
    await store.check();
    const other = openS3Store({ ...server.settings, bucket: 'not-there' });
    await expect(other.check()).rejects.toThrow('The bucket not-there does not exist.');
    other.close();
  });

  test.each([
    ['the wrong key', { secretAccessKey: 'guessed' }],
    ['a store that is away', { endpoint: 'http://127.0.0.1:1' }],
  ])('%s reads as unavailable, without a word of the store', async (_what, changed) => {
    const other = openS3Store({ ...server.settings, ...changed });
    for (const call of [other.stat, other.read, other.remove])
      await expect(call(key)).rejects.toMatchObject({
        outcome: 'unavailable',
        message: expect.not.stringMatching(/127\.0|S3RVER|media/),
      });
    other.close();
  });
});
