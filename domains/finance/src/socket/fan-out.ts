/**
 * Who is served next: rooms take turns, so that a tenant with many sockets, or with much going on, holds up neither
 * the others nor the answers to what is being sent in. While a room waits for its turn, more may happen in it; all of
 * that then goes out together, which makes it cheaper the busier the server is.
 */
import { LIMITS } from '@ackord/core';

export interface FanOut {
  /** Calls `serve` soon, once, however often it is asked until then. `serve` answers whether it is done. */
  ask(serve: () => boolean): void;
}

export function createFanOut(): FanOut {
  const waiting = new Set<() => boolean>();
  let running = false;

  const turn = (): void => {
    const end = performance.now() + LIMITS.fanOutTurnMs;
    for (const serve of waiting) {
      waiting.delete(serve);
      // Who is not done stands at the end again.
      if (!serve()) waiting.add(serve);
      if (performance.now() > end) break;
    }
    running = waiting.size > 0;
    if (running) setImmediate(turn);
  };

  return {
    ask(serve) {
      waiting.add(serve);
      if (running) return;
      running = true;
      setImmediate(turn);
    },
  };
}
