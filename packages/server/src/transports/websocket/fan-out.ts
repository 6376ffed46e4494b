/**
 * Who is served next: rooms take turns, so that a tenant with many sockets, or with much going on, holds up neither
 * the others nor the answers to what is being sent in. While a room waits for its turn, more may happen in it; all of
 * that then goes out together, which makes it cheaper the busier the server is.
 */
import { LIMITS } from '@ackord/core';

export interface FanOut {
  /** Calls `serve` soon, once, however often it is asked until then. `serve` answers whether it is done. */
  ask(serve: () => boolean): void;
  /** How long a room with so many sockets rests after it was served: not at all, as long as there is time for all. */
  restMs(sockets: number): number;
}

/** Share of the time in which the event loop was busy, 0 … 1, lately. */
function busyShare(): () => number {
  let before = performance.eventLoopUtilization();
  let at = performance.now();
  let share = 0;
  return () => {
    if (performance.now() - at < LOOK_MS) return share;
    const now = performance.eventLoopUtilization();
    // The newest look counts half: one long turn is no trend.
    share = (share + performance.eventLoopUtilization(now, before).utilization) / 2;
    before = now;
    at = performance.now();
    return share;
  };
}

const LOOK_MS = 100;

export function createFanOut(busy: () => number = busyShare()): FanOut {
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
    restMs(sockets) {
      const { fanOutCalmShare: calm, fanOutBusyShare: full } = LIMITS;
      const weight = Math.min(1, Math.max(0, (busy() - calm) / (full - calm)));
      return Math.min(sockets * LIMITS.fanOutMsPerSocket, LIMITS.fanOutRestMsMax) * weight;
    },
    ask(serve) {
      waiting.add(serve);
      if (running) return;
      running = true;
      setImmediate(turn);
    },
  };
}
