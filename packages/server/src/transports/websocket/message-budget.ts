/**
 * How much a socket may send: each message costs tokens, which come back evenly. Whoever has none left is not refused
 * but read no further until there are some; whoever stays at the limit for too long is ended.
 */
import { LIMITS } from '@ackord/core';

export type Spending =
  | { readonly kind: 'go on' }
  /** Read nothing for so many milliseconds. */
  | { readonly kind: 'wait'; readonly milliseconds: number }
  /** It has been at the limit all the time for LIMITS.socketThrottledMsMax, or would have to wait for that long. */
  | { readonly kind: 'end' };

export interface MessageBudget {
  spend(tokens: number): Spending;
}

export function createMessageBudget(clock: () => number = () => performance.now()): MessageBudget {
  const { socketMessagesPerSecondMax: perSecond, socketMessageBurstMax: burst } = LIMITS;
  let tokens: number = burst;
  let at = clock();
  let throttledSince: number | null = null;
  return {
    spend(cost) {
      const now = clock();
      tokens = Math.min(burst, tokens + ((now - at) * perSecond) / 1_000);
      at = now;
      // Calm again: what was before is forgiven.
      if (tokens > burst / 2) throttledSince = null;
      tokens -= cost;
      if (tokens >= 0) return { kind: 'go on' };
      throttledSince ??= now;
      const milliseconds = Math.ceil((-tokens * 1_000) / perSecond);
      // What was in the frames before it could be read no further counts too: a debt is not waited off for minutes.
      if (now - throttledSince + milliseconds > LIMITS.socketThrottledMsMax) return { kind: 'end' };
      return { kind: 'wait', milliseconds };
    },
  };
}
