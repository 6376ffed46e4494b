/** What every file store must do, whatever it is: exported, so that each implementation runs the same. */
import { createHash, randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newKey } from '../../src/files/key.ts';
import type { FileStore } from '../../src/files/ports.ts';

export interface StoreUnderTest {
  readonly store: FileStore;
  /** Where clients reach the server, as it is given to the store. */
  readonly base: string;
  close(): Promise<void>;
}

const TYPE = 'image/jpeg';
const SIZE_MAX = 8 * 1024 * 1024;

export function registerFileStoreTests(name: string, start: () => Promise<StoreUnderTest>): void {
  describe(`file store: ${name}`, () => {
    let under: StoreUnderTest;
    beforeAll(async () => {
      under = await start();
    });
    afterAll(() => under.close());

    const uploadUrl = (key: string, seconds = 60): Promise<string> =>
      under.store.uploadUrl({ base: under.base, key, contentType: TYPE, sizeMax: SIZE_MAX, seconds });
    const downloadUrl = (key: string, seconds = 60): Promise<string> =>
      under.store.downloadUrl({ base: under.base, key, contentType: TYPE, seconds });
    const put = (url: string, body: string | Buffer, type = TYPE): Promise<Response> =>
      fetch(url, { method: 'PUT', body: body, headers: { 'content-type': type } });
    const contentOf = async (key: string): Promise<string | null> => {
      const stream = await under.store.read(key);
      return stream && text(stream);
    };
    const stored = async (body: string | Buffer): Promise<string> => {
      const key = newKey('media', '', 'jpg');
      expect((await put(await uploadUrl(key), body)).status).toBe(200);
      return key;
    };

    test('what was uploaded is there, byte for byte', async () => {
      const bytes = randomBytes(3_000_001);
      const key = await stored(bytes);
      expect(await under.store.stat(key)).toMatchObject({ size: bytes.length });
      const stream = await under.store.read(key);
      const hash = createHash('sha256');
      for await (const chunk of stream ?? []) hash.update(chunk as Buffer);
      expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
      const answer = await fetch(await downloadUrl(key));
      expect(answer.status).toBe(200);
      expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    });

    test('what the server itself puts is there, in place of what was', async () => {
      const key = newKey('logos', '', 'png');
      await under.store.put(key, Buffer.from('first'), TYPE);
      await under.store.put(key, Buffer.from([0, 255, 10]), TYPE);
      expect(await under.store.stat(key)).toMatchObject({ size: 3 });
      expect(Buffer.from(await (await fetch(await downloadUrl(key))).arrayBuffer())).toEqual(
        Buffer.from([0, 255, 10]),
      );
    });

    test('a download says its type and that it is no page', async () => {
      const { headers } = await fetch(await downloadUrl(await stored('picture')));
      expect(headers.get('content-type')).toBe(TYPE);
      expect(headers.get('content-disposition')).toMatch(/^attachment/);
      expect(headers.get('accept-ranges')).toBe('bytes');
      expect(headers.get('etag')).toMatch(/^".+"$/);
    });

    test.each([
      ['bytes=0-2', 206, '012', 'bytes 0-2/10'],
      ['bytes=7-', 206, '789', 'bytes 7-9/10'],
      ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
    ])('%s of ten bytes', async (range, status, body, contentRange) => {
      const url = await downloadUrl(await stored('0123456789'));
      const answer = await fetch(url, { headers: { range } });
      expect([answer.status, await answer.text()]).toEqual([status, body]);
      expect(answer.headers.get('content-range')).toBe(contentRange);
    });

    test('a range beyond the end is 416', async () => {
      const url = await downloadUrl(await stored('0123456789'));
      expect((await fetch(url, { headers: { range: 'bytes=10-' } })).status).toBe(416);
    });

    test('an empty file is a file', async () => {
      const key = await stored('');
      expect(await under.store.stat(key)).toMatchObject({ size: 0 });
      expect(await contentOf(key)).toBe('');
      const answer = await fetch(await downloadUrl(key));
      expect([answer.status, await answer.text()]).toEqual([200, '']);
    });

    test('an upload may be repeated', async () => {
      const key = newKey('media', '', 'jpg');
      const url = await uploadUrl(key);
      expect((await put(url, 'one')).status).toBe(200);
      expect((await put(url, 'another')).status).toBe(200);
      expect(await contentOf(key)).toBe('another');
    });

    test('what is not there is not there', async () => {
      const key = newKey('media', '', 'jpg');
      expect(await under.store.stat(key)).toBeNull();
      expect(await under.store.read(key)).toBeNull();
      expect((await fetch(await downloadUrl(key))).status).toBe(404);
      await under.store.remove(key);
    });

    test('what was removed is gone', async () => {
      const key = await stored('soon gone');
      await under.store.remove(key);
      expect(await under.store.stat(key)).toBeNull();
      await under.store.remove(key);
      await under.store.tidy();
    });

    describe('refused, and nothing stored', () => {
      const refused = async (change: (url: string) => string, type = TYPE): Promise<void> => {
        const key = newKey('media', '', 'jpg');
        const other = newKey('media', '', 'jpg');
        const answer = await put(change(await uploadUrl(key)).replace('OTHER', other), 'x', type);
        expect([403, 415]).toContain(answer.status);
        await answer.text();
        expect([await under.store.stat(key), await under.store.stat(other)]).toEqual([null, null]);
      };
      const keyIn = /media\/[0-9a-f-]+\.jpg/;

      test('another type than the signed one', () => refused((url) => url, 'text/html'));
      test('another file', () => refused((url) => url.replace(keyIn, 'OTHER')));
      test('a changed signature', () =>
        refused((url) =>
          url.replace(/(signature=)(.)/i, (_all, name, digit) => `${name}${digit === '0' ? '1' : '0'}`),
        ));
      test('no signature', () => refused((url) => url.replace(/&(X-Amz-)?signature=[0-9a-f]+/i, '')));
      test('a later end', () =>
        refused((url) => url.replace(/(expires=)(\d+)/i, (_all, name, end) => `${name}${Number(end) + 60}`)));
      test('a URL for downloading', async () => {
        const key = newKey('media', '', 'jpg');
        expect((await put(await downloadUrl(key), 'x')).status).toBe(403);
        expect(await under.store.stat(key)).toBeNull();
      });
    });

    test('a URL for uploading gives nothing away', async () => {
      const key = await stored('secret');
      const answer = await fetch(await uploadUrl(key), { headers: { 'content-type': TYPE } });
      expect(answer.status).toBe(403);
      expect(await answer.text()).not.toContain('secret');
    });

    test('a download with a changed signature gives nothing away', async () => {
      const url = await downloadUrl(await stored('secret'));
      const answer = await fetch(
        url.replace(/(signature=)(.)/i, (_all, name, digit) => `${name}${digit === '0' ? '1' : '0'}`),
      );
      expect(answer.status).toBe(403);
      expect(await answer.text()).not.toContain('secret');
    });

    test('after its end a URL is good for nothing', async () => {
      const key = await stored('late');
      const [up, down] = [await uploadUrl(key, 1), await downloadUrl(key, 1)];
      await expect.poll(async () => (await fetch(down)).status, { timeout: 10_000, interval: 200 }).toBe(403);
      // The first refusal may come from what lies behind a gate that let it pass in the very moment of its end.
      expect((await fetch(down)).status).toBe(403);
      expect((await put(up, 'too late')).status).toBe(403);
      expect(await contentOf(key)).toBe('late');
    });
  });
}
