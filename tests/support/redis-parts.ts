/** Buses and caches over Redis for tests, with what they tell about themselves. */
import { randomBytes } from 'node:crypto';
import { type Cache, createRedisBus, type RedisBus, type RedisPlace, type RedisWatch } from '@ackord/server';
import { createRedisCache } from '../../packages/server/src/cache/redis.ts';
import { until } from '../torture/support/conditions.ts';

export interface Life {
  readonly epoch: number;
  readonly cursorKeys: readonly Uint8Array[];
}
export const newLife = (epoch = 1): Life => ({ epoch, cursorKeys: [new Uint8Array(randomBytes(32))] });

export interface Seen {
  isUp: boolean;
  /** Times that it was said to be away. */
  downs: number;
  sent: number;
  received: number;
  readonly dropped: Record<'away' | 'busy' | 'foreign', number>;
  readonly failures: unknown[];
  readonly asked: Record<'hit' | 'miss' | 'failed', number>;
}

const newSeen = (): Seen => ({
  isUp: false,
  downs: 0,
  sent: 0,
  received: 0,
  dropped: { away: 0, busy: 0, foreign: 0 },
  failures: [],
  asked: { hit: 0, miss: 0, failed: 0 },
});

const watchOf = (seen: Seen): RedisWatch => ({
  up: () => {
    seen.isUp = true;
  },
  down: () => {
    if (seen.isUp) seen.downs++;
    seen.isUp = false;
  },
});

export interface WatchedBus {
  readonly bus: RedisBus;
  readonly seen: Seen;
  /** Resolves when it hears and can send. */
  ready(): Promise<void>;
}

export function openRedisBus(redis: RedisPlace, store: Life, schema = 'abc'): WatchedBus {
  const seen = newSeen();
  const bus = createRedisBus({
    redis,
    store,
    schema,
    watch: watchOf(seen),
    observer: {
      sent(count) {
        seen.sent += count;
      },
      received(count) {
        seen.received += count;
      },
      dropped(cause, count) {
        seen.dropped[cause] += count;
      },
      failed: (cause) => void seen.failures.push(cause),
    },
  });
  return { bus, seen, ready: () => until('the bus is up', () => seen.isUp, 20_000) };
}

export interface WatchedCache {
  readonly cache: Cache;
  readonly seen: Seen;
  ready(): Promise<void>;
}

export function openRedisCache(redis: RedisPlace, store: Life): WatchedCache {
  const seen = newSeen();
  const cache = createRedisCache({
    redis,
    store,
    watch: watchOf(seen),
    observer: { asked: (_where, outcome) => void seen.asked[outcome]++ },
  });
  return { cache, seen, ready: () => until('the cache is up', () => seen.isUp, 20_000) };
}

export const standalone = (url: string): RedisPlace => ({ kind: 'standalone', url });
