/** A near cache in front of a far one: what the far one answers stays near, and who asks for the same waits together. */
import type { Cache } from './cache.ts';

/** `ttlSeconds`: how long an answer of the far one, whose remaining time is not known, stays near. */
export function createLayeredCache(near: Cache, far: Cache, ttlSeconds: number): Cache {
  const underWay = new Map<string, Promise<Uint8Array | null>>();

  const fetch = async (key: string): Promise<Uint8Array | null> => {
    const value = await far.get(key);
    if (value) near.set(key, value, ttlSeconds);
    return value;
  };

  return {
    async get(key) {
      const known = await near.get(key);
      if (known) return known;
      const asked = underWay.get(key) ?? fetch(key).finally(() => underWay.delete(key));
      underWay.set(key, asked);
      return asked;
    },
    set(key, value, ttl) {
      near.set(key, value, ttl);
      far.set(key, value, ttl);
    },
    async close() {
      await Promise.all([near.close(), far.close()]);
    },
  };
}
