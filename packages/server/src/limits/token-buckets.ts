/**
 * Limits how often something may happen per key: a bucket holds `perMinuteMax` tokens and fills up again evenly
 * within a minute. Full buckets are forgotten, and of more than `keysMax` the longest unused ones, so memory is bounded.
 */
export type Take = { readonly ok: true } | { readonly ok: false; readonly retryAfterMs: number };

export interface TokenBuckets {
  /** Takes a token for each key, or none at all when one of them has none left. */
  take(...keys: readonly string[]): Take;
  /** The same with more than one token at a time: who has any left may take more than there are, and waits for longer afterwards. */
  takeMany(tokens: number, ...keys: readonly string[]): Take;
  /** Gives a token back: what it was taken for did not count. */
  refund(key: string): void;
  readonly size: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

export function createTokenBuckets(settings: {
  readonly perMinuteMax: number;
  readonly keysMax: number;
  /** Milliseconds of any monotonic clock. */
  readonly clock?: () => number;
}): TokenBuckets {
  const { perMinuteMax, keysMax, clock = () => performance.now() } = settings;
  const refillPerMs = perMinuteMax / 60_000;
  // A map keeps insertion order, and every use inserts anew: the first key is the longest unused one.
  const buckets = new Map<string, Bucket>();

  const tokensNow = (key: string, now: number): number => {
    const bucket = buckets.get(key);
    return bucket ? Math.min(perMinuteMax, bucket.tokens + (now - bucket.at) * refillPerMs) : perMinuteMax;
  };
  const put = (key: string, tokens: number, now: number): void => {
    buckets.delete(key);
    if (tokens < perMinuteMax) buckets.set(key, { tokens, at: now });
  };
  const forget = (now: number): void => {
    for (const [key, bucket] of buckets) {
      const full = now - bucket.at >= 60_000;
      if (!full && buckets.size <= keysMax) return;
      buckets.delete(key);
    }
  };

  const takeMany: TokenBuckets['takeMany'] = (wanted, ...keys) => {
    const now = clock();
    const held = keys.map((key) => ({ key, tokens: tokensNow(key, now) }));
    const least = Math.min(...held.map(({ tokens }) => tokens));
    if (least < 1) return { ok: false, retryAfterMs: Math.ceil((1 - least) / refillPerMs) };
    for (const { key, tokens } of held) put(key, tokens - wanted, now);
    forget(now);
    return { ok: true };
  };

  return {
    take: (...keys) => takeMany(1, ...keys),
    takeMany,
    refund(key) {
      const now = clock();
      put(key, Math.min(perMinuteMax, tokensNow(key, now) + 1), now);
    },
    get size() {
      return buckets.size;
    },
  };
}
