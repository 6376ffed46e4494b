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

export class MessageBudget {
  readonly #clock: () => number;
  #tokens: number = LIMITS.socketMessageBurstMax;
  #at: number;
  #throttledSince: number | null = null;

  constructor(clock: () => number = now) {
    this.#clock = clock;
    this.#at = clock();
  }

  spend(cost: number): Spending {
    const { socketMessagesPerSecondMax: perSecond, socketMessageBurstMax: burst } = LIMITS;
    const time = this.#clock();
    this.#tokens = Math.min(burst, this.#tokens + ((time - this.#at) * perSecond) / 1_000);
    this.#at = time;
    // Calm again: what was before is forgiven.
    if (this.#tokens > burst / 2) this.#throttledSince = null;
    this.#tokens -= cost;
    if (this.#tokens >= 0) return GO_ON;
    this.#throttledSince ??= time;
    const milliseconds = Math.ceil((-this.#tokens * 1_000) / perSecond);
    // What was in the frames before it could be read no further counts too: a debt is not waited off for minutes.
    if (time - this.#throttledSince + milliseconds > LIMITS.socketThrottledMsMax) return { kind: 'end' };
    return { kind: 'wait', milliseconds };
  }
}

const now = (): number => performance.now();

const GO_ON: Spending = { kind: 'go on' };
