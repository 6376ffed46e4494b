/**
 * Spares everybody the wait for what does not answer: after some failures in a row nobody asks for a while, then one tries
 * again, and the others follow when that went well.
 */
import { LIMITS } from '@ackord/core';

export interface Circuit {
  /** May it be asked now? Whoever is told yes reports how it went. */
  mayAsk(): boolean;
  wentWell(): void;
  /** true: from now on nobody asks for a while. */
  failed(): boolean;
}

export interface CircuitOptions {
  readonly failuresMax?: number;
  readonly restMs?: number;
  /** Milliseconds, never back. */
  readonly clock?: () => number;
}

export function createCircuit(options: CircuitOptions = {}): Circuit {
  const { failuresMax = LIMITS.cacheFailuresMax, restMs = LIMITS.cacheRestMs } = options;
  const { clock = () => performance.now() } = options;
  let failures = 0;
  let restsUntil = 0;
  return {
    mayAsk() {
      if (failures < failuresMax) return true;
      if (clock() < restsUntil) return false;
      // This one tries; the others rest on until it is known how it went.
      restsUntil = clock() + restMs;
      return true;
    },
    wentWell() {
      failures = 0;
    },
    failed() {
      failures++;
      if (failures < failuresMax) return false;
      restsUntil = clock() + restMs;
      return true;
    },
  };
}
