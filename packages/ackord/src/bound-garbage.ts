/**
 * Keeps a large heap from growing to nearly three times of what lives in it, as V8 lets it: with thousands of callers that is
 * hundreds of megabytes of garbage. A small one is left alone, for there it would cost a sixth of the processor time.
 */
import v8 from 'node:v8';
import { LIMITS } from '@ackord/core';

/** So much of the bound a large heap may hold and still count as large. */
const STAYS_LARGE = 0.7;

/** From now on, for as long as the process lives, which it does not keep from ending. */
export function boundGarbage(): void {
  let isLarge = false;
  setInterval(() => {
    const wasLarge = isLarge;
    // What is used includes garbage: the flag would flip with every collection.
    const bound = wasLarge ? LIMITS.heapLargeBytes * STAYS_LARGE : LIMITS.heapLargeBytes;
    isLarge = v8.getHeapStatistics().used_heap_size > bound;
    // V8 looks at it whenever it has collected garbage; 0 leaves the choice to it.
    if (isLarge !== wasLarge)
      v8.setFlagsFromString(`--heap-growing-percent=${isLarge ? LIMITS.heapGrowthPercent : 0}`);
  }, LIMITS.heapLookMs).unref();
}
