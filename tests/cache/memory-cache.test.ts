/** The cache in the process. */
import { createMemoryCache } from '@ackord/server';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cacheSuite } from './cache-suite.ts';

cacheSuite('the cache in the process', async () => {
  const cache = createMemoryCache();
  return { cache, close: cache.close };
});

test('never grows beyond its bytes, and what was used last stays', async () => {
  const bytesMax = 10_000;
  const acts = fc.array(fc.record({ key: fc.nat(30), size: fc.nat(3_000), isGet: fc.boolean() }), {
    minLength: 50,
    maxLength: 200,
  });
  await fc.assert(
    fc.asyncProperty(acts, async (list) => {
      const cache = createMemoryCache({ bytesMax });
      for (const { key, size, isGet } of list) {
        if (isGet) await cache.get(String(key));
        else cache.set(String(key), new Uint8Array(size), 60);
        expect(cache.bytes()).toBeLessThanOrEqual(bytesMax);
      }
      await cache.close();
      expect(cache.bytes()).toBe(0);
    }),
  );
});

test('a value that would drive out all others is not kept, and the older one under its key goes', async () => {
  const cache = createMemoryCache({ bytesMax: 10_000 });
  cache.set('a', new Uint8Array(10), 60);
  cache.set('a', new Uint8Array(5_000), 60);
  expect(await cache.get('a')).toBeNull();
});

test('the least recently used goes first', async () => {
  const cache = createMemoryCache({ bytesMax: 10_000 });
  for (const key of ['a', 'b', 'c', 'd']) cache.set(key, new Uint8Array(2_200), 60);
  await cache.get('a');
  cache.set('e', new Uint8Array(2_200), 60);
  const found = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((key) => cache.get(key)));
  expect(found.map((value) => value !== null)).toEqual([true, false, true, true, true]);
});
