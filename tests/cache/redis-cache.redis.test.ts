/** The cache in a standalone Redis, in good times and in bad ones. */
import { randomBytes, randomUUID } from 'node:crypto';
import { LIMITS } from '@ackord/core';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type RedisProcess, startRedis } from '../support/redis.ts';
import { newLife, openRedisCache, standalone, type WatchedCache } from '../support/redis-parts.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../torture/support/conditions.ts';
import { cacheSuite } from './cache-suite.ts';

cacheSuite('the cache in a standalone Redis', async () => {
  const redis = await startRedis();
  const opened = openRedisCache(standalone(redis.url), newLife());
  await opened.ready();
  return { cache: opened.cache, close: opened.cache.close };
});

describe('the cache in a Redis', () => {
  let redis: RedisProcess;
  const open: WatchedCache[] = [];
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map(({ cache }) => cache.close()));
  });
  const cacheAt = (url: string, life = newLife()): WatchedCache => {
    const opened = openRedisCache(standalone(url), life);
    open.push(opened);
    return opened;
  };
  const value = new Uint8Array([1, 2, 3]);
  const isKept = async ({ cache }: WatchedCache, key: string): Promise<boolean> =>
    (await cache.get(key)) !== null;
  const put = async (opened: WatchedCache, key: string): Promise<void> => {
    await until('it is kept', () => {
      opened.cache.set(key, value, 60);
      return isKept(opened, key);
    });
  };
  /** The slowest of some questions, in milliseconds; all of them are misses. */
  const slowestMiss = async ({ cache }: WatchedCache, times: number): Promise<number> => {
    let slowest = 0;
    for (let time = 0; time < times; time++) {
      const startedAt = performance.now();
      expect(await cache.get('a')).toBeNull();
      slowest = Math.max(slowest, performance.now() - startedAt);
    }
    return slowest;
  };

  test('servers of one database share it; others don’t, and what somebody else wrote is a miss', async () => {
    const life = newLife();
    const [one, other, stranger] = [cacheAt(redis.url, life), cacheAt(redis.url, life), cacheAt(redis.url)];
    await Promise.all([one, other, stranger].map((opened) => opened.ready()));
    const key = randomUUID();
    await put(one, key);
    expect(await other.cache.get(key)).toEqual(value);
    expect(await stranger.cache.get(key)).toBeNull();
    for (const text of ['', 'short', 'something that is long enough for a sum']) {
      await redis.ask('SET', key, text);
      expect(await one.cache.get(key)).toBeNull();
    }
    // Nor is a value good under another key.
    await put(one, key);
    await redis.ask('COPY', key, `${key}:copy`);
    expect(await one.cache.get(`${key}:copy`)).toBeNull();
  });

  test('no key is ever looked for', async () => {
    const opened = cacheAt(redis.url);
    await opened.ready();
    for (let time = 0; time < 20; time++) await put(opened, `key ${time}`);
    const stats = await redis.ask('INFO', 'commandstats');
    expect(stats).toMatch(/cmdstat_get/);
    expect(stats).not.toMatch(/cmdstat_(keys|scan|randomkey|del|flush)/);
  });

  test('a key of another kind is a miss, not a failure that anybody sees', async () => {
    const opened = cacheAt(redis.url);
    await opened.ready();
    await redis.ask('RPUSH', 'a-list', 'item');
    expect(await opened.cache.get('a-list')).toBeNull();
  });

  test('what is too large is not sent', async () => {
    const opened = cacheAt(redis.url);
    await opened.ready();
    opened.cache.set('large', new Uint8Array(LIMITS.cacheValueBytesMax + 1), 60);
    await put(opened, 'small');
    expect(await redis.ask('EXISTS', 'large')).toBe('0');
  });

  test('a slow Redis is a miss in time, then it is left alone, and it comes back', async () => {
    const own = await startRedis();
    const opened = cacheAt(own.url);
    await opened.ready();
    await put(opened, 'a');
    own.freeze();
    const slowest = await slowestMiss(opened, LIMITS.cacheFailuresMax);
    expect(slowest).toBeLessThan(LIMITS.cacheWaitMsMax + 500);
    // Nobody waits any more.
    const startedAt = performance.now();
    await slowestMiss(opened, 1_000);
    expect(performance.now() - startedAt).toBeLessThan(LIMITS.cacheWaitMsMax + 500);
    // What is written meanwhile does not pile up.
    for (let time = 0; time < 100; time++) opened.cache.set(`k${time}`, randomBytes(1_000_000), 60);
    await until('it is missed', () => !opened.seen.isUp);
    own.thaw();
    await until('it answers again', () => isKept(opened, 'a'));
    expect(Number(await own.ask('DBSIZE'))).toBeLessThan(LIMITS.cacheWriteBytesMax / 1_000_000 + 2);
  });

  test('gone, and back with nothing in it', async () => {
    const own = await startRedis();
    const opened = cacheAt(own.url);
    await opened.ready();
    await put(opened, 'a');
    await own.kill();
    await until('it is missed', () => !opened.seen.isUp);
    expect(await slowestMiss(opened, 1_000)).toBeLessThan(LIMITS.cacheWaitMsMax + 500);
    opened.cache.set('a', value, 60);
    await own.restart();
    await opened.ready();
    expect(await opened.cache.get('b')).toBeNull();
    await put(opened, 'a');
    expect(opened.seen.downs).toBe(1);
  });

  test('a partition', async () => {
    const proxy = await startTcpProxy(redis.port);
    const opened = cacheAt(`redis://127.0.0.1:${proxy.port}`);
    await opened.ready();
    await put(opened, 'a');
    proxy.fallSilent();
    expect(await slowestMiss(opened, 10)).toBeLessThan(LIMITS.cacheWaitMsMax + 500);
    proxy.heal();
    await until('it answers again', () => isKept(opened, 'a'));
  });

  test('a wrong password', async () => {
    const own = await startRedis({ password: 'right' });
    const opened = cacheAt(own.url.replace('right', 'wrong'));
    expect(await slowestMiss(opened, 100)).toBeLessThan(LIMITS.cacheWaitMsMax + 500);
    await own.ask('CONFIG', 'SET', 'requirepass', 'wrong');
    await put(opened, 'a');
  });

  test('one that was never there', async () => {
    const opened = cacheAt('redis://127.0.0.1:9');
    expect(await slowestMiss(opened, 1_000)).toBeLessThan(LIMITS.cacheWaitMsMax + 500);
    opened.cache.set('a', value, 60);
    expect(opened.seen.asked).toEqual({ hit: 0, miss: 0, failed: 1_000 });
  });
});
