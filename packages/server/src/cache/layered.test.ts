import { expect, test } from 'vitest';
import type { Cache } from './cache.ts';
import { createLayeredCache } from './layered.ts';
import { createMemoryCache } from './memory.ts';

const bytes = new Uint8Array([1, 2, 3]);

/** Counts the questions, and answers when it is told to. */
function slow(cache: Cache): {
  readonly cache: Cache;
  readonly answer: () => void;
  readonly asked: () => number;
} {
  let asked = 0;
  const waiting: (() => void)[] = [];
  return {
    cache: {
      ...cache,
      async get(key) {
        asked++;
        await new Promise<void>((resolve) => waiting.push(resolve));
        return cache.get(key);
      },
    },
    answer: () => waiting.splice(0).forEach((go) => void go()),
    asked: () => asked,
  };
}

test('what the far one has stays near, and who asks for the same asks once', async () => {
  const far = createMemoryCache();
  far.set('a', bytes, 60);
  const counted = slow(far);
  const cache = createLayeredCache(createMemoryCache(), counted.cache, 60);
  const asked = Promise.all([cache.get('a'), cache.get('a'), cache.get('a')]);
  await new Promise(setImmediate);
  counted.answer();
  expect(await asked).toEqual([bytes, bytes, bytes]);
  expect(await cache.get('a')).toEqual(bytes);
  expect(counted.asked()).toBe(1);
});

test('what is put in is at both, and a miss at both is asked for again', async () => {
  const [near, far] = [createMemoryCache(), createMemoryCache()];
  const cache = createLayeredCache(near, far, 60);
  expect(await cache.get('a')).toBeNull();
  cache.set('a', bytes, 60);
  expect([await near.get('a'), await far.get('a'), await cache.get('a')]).toEqual([bytes, bytes, bytes]);
});
