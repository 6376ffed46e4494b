import { beforeEach, expect, test } from 'vitest';
import { createRedisWatch, type RedisWatch } from './watch.ts';

let told: unknown[];
let watch: RedisWatch;
beforeEach(() => {
  told = [];
  const line = (facts: object, text: string) => void told.push(text, facts);
  watch = createRedisWatch({
    uses: ['bus', 'cache'],
    logger: { info: line, warn: line } as never,
    connected: (isConnected) => told.push(isConnected),
  });
});

test('is there when all that uses it is', () => {
  watch.up('bus');
  expect(told).toEqual([false]);
  watch.up('cache');
  watch.up('bus');
  expect(told).toEqual([false, 'Redis is there', {}, true]);
});

test('that it goes and comes is told once, however often it is tried', () => {
  watch.up('bus');
  watch.up('cache');
  told.length = 0;
  for (let tries = 0; tries < 5; tries++) {
    watch.down('bus', 'refused');
    watch.down('cache', 'refused');
  }
  expect(told).toHaveLength(3);
  expect(told).toContainEqual({ use: 'bus', cause: 'refused' });
  watch.up('bus');
  watch.up('cache');
  watch.up('cache');
  expect(told.slice(3)).toEqual(['Redis is back', {}, true]);
});

test('one that is not there at the start is told of too', () => {
  watch.down('cache', 'refused');
  expect(told).toHaveLength(4);
});
