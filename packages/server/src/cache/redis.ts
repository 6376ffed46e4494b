/**
 * The cache that servers share, in Redis. Every value carries a sum over its key and bytes that is made with the
 * database's own secret: what was changed or written there by somebody else is a miss.
 * Promise: an answer comes within LIMITS.cacheWaitMsMax, and what is on its way to a Redis that does not answer is bounded.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { LIMITS } from '@ackord/core';
import type { Store } from '../engine/ports.ts';
import { connectForKeys, type RedisPlace } from '../redis/place.ts';
import type { RedisWatch } from '../redis/watch.ts';
import type { Cache, CacheObserver } from './cache.ts';
import { createCircuit } from './circuit.ts';

export interface RedisCacheOptions {
  readonly redis: RedisPlace;
  readonly store: Pick<Store, 'cursorKeys'>;
  readonly observer: CacheObserver;
  readonly watch: RedisWatch;
}

const SUM_BYTES = 16;
/** Holds nothing. */
const PROBE_KEY = 'ackord:probe';
/** Timers may fire a little early. */
const PROBE_LATER_MS = 20;

export function createRedisCache({ redis, store, observer, watch }: RedisCacheOptions): Cache {
  const client = connectForKeys(redis);
  const circuit = createCircuit();
  let asks = 0;
  let bytesUnderWay = 0;
  let closed = false;
  let probe: NodeJS.Timeout | undefined;
  let cause = 'it does not answer in time';
  const isThere = (): void => {
    circuit.wentWell();
    watch.up('cache');
  };
  client.on('ready', isThere);
  client.on('error', (error: Error) => {
    cause = error.message;
  });
  client.on('close', () => {
    if (!closed) watch.down('cache', cause);
  });

  const sumOf = (key: string, value: Uint8Array): Uint8Array =>
    createHmac('sha256', store.cursorKeys[0] ?? '')
      .update(`${key}\0`)
      .update(value)
      .digest()
      .subarray(0, SUM_BYTES);

  /** The bytes without their sum; null: they are not ours. */
  const opened = (key: string, stored: Uint8Array): Uint8Array | null => {
    if (stored.byteLength < SUM_BYTES) return null;
    // A copy: what the client gives out may be a small part of a large piece of memory.
    const value = new Uint8Array(stored.subarray(SUM_BYTES));
    return timingSafeEqual(sumOf(key, value), stored.subarray(0, SUM_BYTES)) ? value : null;
  };

  /** Runs one command; whether it went well is the circuit's to know. */
  const ask = async <T>(command: Promise<T>, waitMs: number): Promise<Answer<T>> => {
    const answer = await within(command, waitMs);
    if (answer.ok) isThere();
    else if (circuit.failed() && !closed) {
      watch.down('cache', cause);
      // Somebody has to find out when it is back, also where nobody asks for anything.
      clearTimeout(probe);
      probe = setTimeout(() => void get(PROBE_KEY), LIMITS.cacheRestMs + PROBE_LATER_MS).unref();
    }
    return answer;
  };

  const get = async (key: string): Promise<Uint8Array | null> => {
    if (closed || asks >= LIMITS.cacheAsksMax || !circuit.mayAsk()) {
      observer.asked('redis', 'failed');
      return null;
    }
    asks++;
    const stored = await ask(
      client.getBuffer(key).finally(() => asks--),
      LIMITS.cacheWaitMsMax,
    );
    const value = stored.ok && stored.value ? opened(key, stored.value) : null;
    observer.asked('redis', stored.ok ? (value ? 'hit' : 'miss') : 'failed');
    return value;
  };

  const put = async (key: string, value: Uint8Array, ttlSeconds: number): Promise<void> => {
    const bytes = Buffer.concat([sumOf(key, value), value]);
    bytesUnderWay += bytes.byteLength;
    const command = client.set(key, bytes, 'EX', ttlSeconds).finally(() => {
      bytesUnderWay -= bytes.byteLength;
    });
    await ask(command, LIMITS.redisSilenceMsMax);
  };

  return {
    get,
    set(key, value, ttlSeconds) {
      const tooMuch =
        value.byteLength > LIMITS.cacheValueBytesMax ||
        bytesUnderWay + value.byteLength > LIMITS.cacheWriteBytesMax;
      if (closed || tooMuch || ttlSeconds <= 0 || !circuit.mayAsk()) return;
      void put(key, value, Math.ceil(ttlSeconds));
    },
    async close() {
      closed = true;
      clearTimeout(probe);
      client.disconnect();
    },
  };
}

type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false };

/** Not ok: it failed, or has not come in time; then it may still come, and nobody listens. */
async function within<T>(work: Promise<T>, msMax: number): Promise<Answer<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer<T>>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false }), msMax);
    timer.unref();
  });
  const done = work.then(
    (value): Answer<T> => ({ ok: true, value }),
    (): Answer<T> => ({ ok: false }),
  );
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
}
