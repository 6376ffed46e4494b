/**
 * What servers share, from the configuration: the bus and the cache over Redis where one is named, else the bus to the other
 * processes of this server, if there are any, and a cache of this process. Both start at once and wait for nothing: a Redis that is not there is no reason not to serve.
 */
import type { Registry } from '@ackord/core';
import { createMemoryBus } from '../bus/memory.ts';
import { createRedisBus } from '../bus/redis.ts';
import { createSiblingBus } from '../bus/sibling-bus.ts';
import { type Cache, noCache } from '../cache/cache.ts';
import { createLayeredCache } from '../cache/layered.ts';
import { createMemoryCache } from '../cache/memory.ts';
import { createCachedPages, schemaOf } from '../cache/pages.ts';
import { createRedisCache } from '../cache/redis.ts';
import type { Config } from '../config.ts';
import type { Bus, CachedPages, Observer, Store } from '../engine/ports.ts';
import type { Logger } from '../observe/logger.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Siblings } from '../siblings/ports.ts';
import { createRedisWatch } from './watch.ts';

export interface Shared {
  readonly bus: Bus;
  /** Answers that are the same for everybody who may see a scope. */
  readonly cache: CachedPages;
  /** To be called when nobody commits any more. */
  close(): Promise<void>;
}

export interface SharedOptions {
  readonly config: Pick<Config, 'redis' | 'sync'>;
  readonly store: Pick<Store, 'epoch' | 'cursorKeys'>;
  readonly registry: Registry;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'cache' | 'watchRedis'>;
  readonly observer: Pick<Observer, 'defect'>;
  /** Other processes of this server; null: there are none. */
  readonly siblings: Siblings | null;
}

export function openShared(options: SharedOptions): Shared {
  const { config, store, registry, logger, metrics, observer, siblings } = options;
  const ttlSeconds = config.sync.cacheTtlSeconds;
  const { redis } = config;
  const near = ttlSeconds > 0 ? createMemoryCache({ observer: metrics.cache }) : noCache;
  const pages = (cache: Cache): CachedPages => createCachedPages({ cache, store, registry, ttlSeconds });
  const onDefect = (cause: unknown): void =>
    observer.defect({ where: 'bus', cause: String(cause), changeId: null });
  if (redis === null) {
    const bus =
      siblings === null
        ? createMemoryBus()
        : createSiblingBus({ siblings, store, schema: schemaOf(registry), onDefect });
    return { bus, cache: pages(near), close: near.close };
  }

  const counted = metrics.watchRedis();
  const watch = createRedisWatch({
    uses: ttlSeconds > 0 ? ['bus', 'cache'] : ['bus'],
    logger,
    connected: counted.connected,
  });
  const bus = createRedisBus({
    redis,
    store,
    schema: schemaOf(registry),
    watch,
    observer: {
      ...counted.bus,
      failed: onDefect,
    },
  });
  const cache =
    ttlSeconds > 0
      ? createLayeredCache(
          near,
          createRedisCache({ redis, store, observer: metrics.cache, watch }),
          ttlSeconds,
        )
      : noCache;
  return {
    bus,
    cache: pages(cache),
    close: async () => void (await Promise.all([bus.close(), cache.close()])),
  };
}
