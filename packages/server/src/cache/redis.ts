/**
 * The cache that servers share, in Redis. Every value carries a sum that is made with the database's own secret: what was
 * changed or written there by somebody else is a miss.
 * Promise: an answer comes within LIMITS.cacheWaitMsMax, and what is on its way to a Redis that does not answer is bounded.
 */
import { LIMITS } from '@ackord/core';
import type { Store } from '../engine/ports.ts';
import { connectForKeys, type RedisPlace } from '../redis/place.ts';
import type { RedisWatch } from '../redis/watch.ts';
import type { Cache, CacheObserver } from './cache.ts';
import { createPatience } from './patient.ts';
import { opened, sealed } from './sealed.ts';

export interface RedisCacheOptions {
  readonly redis: RedisPlace;
  readonly store: Pick<Store, 'cursorKeys'>;
  readonly observer: CacheObserver;
  readonly watch: RedisWatch;
}

/** Holds nothing. */
const PROBE_KEY = 'ackord:probe';

export function createRedisCache({ redis, store, observer, watch }: RedisCacheOptions): Cache {
  const client = connectForKeys(redis);
  const secret = (): Uint8Array => store.cursorKeys[0] ?? new Uint8Array();
  let cause = 'it does not answer in time';
  let asks = 0;
  let bytesUnderWay = 0;
  let closed = false;

  const onGone = (): void => watch.down('cache', cause);
  const patience = createPatience({
    onThere: () => watch.up('cache'),
    onGone,
    probe: () => void get(PROBE_KEY),
  });
  client.on('ready', patience.isThere);
  client.on('error', (error: Error) => {
    cause = error.message;
  });
  client.on('close', () => {
    if (!closed) onGone();
  });

  const get = async (key: string): Promise<Uint8Array | null> => {
    if (asks >= LIMITS.cacheAsksMax || !patience.mayAsk()) {
      observer.asked('redis', 'failed');
      return null;
    }
    asks++;
    const command = client.getBuffer(key).finally(() => asks--);
    const stored = await patience.ask(command, LIMITS.cacheWaitMsMax);
    const value = stored.ok && stored.value ? opened(secret(), key, stored.value) : null;
    observer.asked('redis', stored.ok ? (value ? 'hit' : 'miss') : 'failed');
    return value;
  };

  return {
    get,
    set(key, value, ttlSeconds) {
      const size = value.byteLength;
      const tooMuch = size > LIMITS.cacheValueBytesMax || bytesUnderWay + size > LIMITS.cacheWriteBytesMax;
      if (tooMuch || ttlSeconds <= 0 || !patience.mayAsk()) return;
      bytesUnderWay += size;
      const bytes = sealed(secret(), key, value);
      const command = client.set(key, bytes, 'EX', Math.ceil(ttlSeconds)).finally(() => {
        bytesUnderWay -= size;
      });
      void patience.ask(command, LIMITS.redisSilenceMsMax);
    },
    async close() {
      closed = true;
      patience.stop();
      client.disconnect();
    },
  };
}
