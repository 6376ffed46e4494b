/** The cache in the process: what was used last stays, within a number of bytes, until its time is over. */
import { LIMITS } from '@ackord/core';
import type { Cache, CacheObserver } from './cache.ts';

interface Entry {
  readonly value: Uint8Array;
  readonly bytes: number;
  /** By the clock of the options. */
  readonly until: number;
}

export interface MemoryCacheOptions {
  readonly bytesMax?: number;
  readonly observer?: CacheObserver;
  /** Milliseconds, never back. */
  readonly clock?: () => number;
}

/** What an entry takes besides its bytes, roughly. */
const ENTRY_BYTES = 200;
/** A single value may take so much of the whole: otherwise one would drive out all others. */
const SHARE_MAX = 1 / 4;

export function createMemoryCache(
  options: MemoryCacheOptions = {},
): Cache & { readonly bytes: () => number } {
  const { bytesMax = LIMITS.cacheBytesMax, observer, clock = () => performance.now() } = options;
  /** The one that was used last stands last. */
  const entries = new Map<string, Entry>();
  let total = 0;

  const forget = (key: string): void => {
    total -= entries.get(key)?.bytes ?? 0;
    entries.delete(key);
  };

  return {
    bytes: () => total,
    async get(key) {
      const entry = entries.get(key);
      if (entry && entry.until <= clock()) forget(key);
      const found = entries.get(key);
      observer?.asked('memory', found ? 'hit' : 'miss');
      if (!found) return null;
      entries.delete(key);
      entries.set(key, found);
      return found.value;
    },
    set(key, value, ttlSeconds) {
      forget(key);
      const bytes = value.byteLength + 2 * key.length + ENTRY_BYTES;
      if (bytes > bytesMax * SHARE_MAX || ttlSeconds <= 0) return;
      entries.set(key, { value, bytes, until: clock() + ttlSeconds * 1_000 });
      total += bytes;
      for (const oldest of entries.keys()) {
        if (total <= bytesMax) break;
        forget(oldest);
      }
    },
    async close() {
      entries.clear();
      total = 0;
    },
  };
}
