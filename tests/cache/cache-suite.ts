/** What every cache does, wherever it keeps its bytes. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Cache } from '@ackord/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../torture/support/conditions.ts';

export interface OpenedCache {
  readonly cache: Cache;
  close(): Promise<void>;
}

export function cacheSuite(name: string, open: () => Promise<OpenedCache>): void {
  describe(name, () => {
    let opened: OpenedCache;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());
    const put = async (key: string, value: Uint8Array, ttlSeconds = 60): Promise<void> => {
      opened.cache.set(key, value, ttlSeconds);
      await until('it is there', async () => {
        const found = await opened.cache.get(key);
        return found !== null && Buffer.compare(found, value) === 0;
      });
    };

    test('what was never put in is a miss', async () => {
      expect(await opened.cache.get(randomUUID())).toBeNull();
    });

    test('gives back the bytes, whatever they and the key are', async () => {
      const values = ['', 'text', 'a\0b\r\n', randomBytes(1_000_000)].map(
        (value) => new Uint8Array(Buffer.from(value)),
      );
      for (const [at, value] of values.entries()) {
        const key = `k:${at}:{tenant:ü\n\0}`;
        await put(key, value);
        expect(Buffer.compare((await opened.cache.get(key)) ?? new Uint8Array([7]), value)).toBe(0);
      }
    });

    test('the newest value counts', async () => {
      const key = randomUUID();
      await put(key, new Uint8Array([1]));
      await put(key, new Uint8Array([2]));
      expect(await opened.cache.get(key)).toEqual(new Uint8Array([2]));
    });

    test('a value goes when its time is over', async () => {
      const [short, long] = [randomUUID(), randomUUID()];
      await put(long, new Uint8Array([2]));
      await put(short, new Uint8Array([1]), 1);
      await until('it is gone', async () => (await opened.cache.get(short)) === null);
      expect(await opened.cache.get(long)).toEqual(new Uint8Array([2]));
      opened.cache.set(long, new Uint8Array([3]), 0);
    });

    test('many at once', async () => {
      const keys = Array.from({ length: 100 }, () => randomUUID());
      await Promise.all(keys.map((key, at) => put(key, new Uint8Array([at]))));
      const found = await Promise.all(keys.map((key) => opened.cache.get(key)));
      expect(found.map((value) => value?.[0])).toEqual(keys.map((_, at) => at));
    });
  });
}
