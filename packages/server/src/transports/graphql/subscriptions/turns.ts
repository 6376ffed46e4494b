/**
 * Thousands may have to be told the same at once: they are told one after the other, and the event loop gets around to
 * everything else every few milliseconds.
 */
import { setImmediate as others } from 'node:timers/promises';
import { LIMITS } from '@ackord/core';

export interface Turns {
  /** Resolves when it is the caller's turn. */
  next(): Promise<void>;
}

export function createTurns(): Turns {
  let waiting: (() => void)[] = [];
  let isRunning = false;

  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const round = waiting;
      waiting = [];
      let end = performance.now() + LIMITS.fanOutTurnMs;
      for (const begin of round) {
        begin();
        // What it does, it does in the microtasks behind this one.
        await null;
        if (performance.now() < end) continue;
        await others();
        end = performance.now() + LIMITS.fanOutTurnMs;
      }
      await others();
    }
    isRunning = false;
  };

  return {
    next: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        if (isRunning) return;
        isRunning = true;
        void run();
      }),
  };
}
