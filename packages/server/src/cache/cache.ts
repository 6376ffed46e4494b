/**
 * The port of a cache: bytes under a key, for a while. Whoever asks can do without: whatever goes wrong is a miss, a slow
 * cache is one too, and what is put in is never waited for.
 */
export interface Cache {
  /** null: not there, or not to be had in time. Never rejects. The bytes are shared: nobody may write to them. */
  get(key: string): Promise<Uint8Array | null>;
  /** Keeps the bytes for at most so many seconds. Never throws; what is too large is not kept. */
  set(key: string, value: Uint8Array, ttlSeconds: number): void;
  close(): Promise<void>;
}

/** What became of a question: told to the metrics. */
export interface CacheObserver {
  asked(where: 'memory' | 'redis', outcome: 'hit' | 'miss' | 'failed'): void;
}

/** Keeps nothing: SYNC_CACHE_TTL=0. */
export const noCache: Cache = {
  get: async () => null,
  set: () => {},
  close: async () => {},
};
