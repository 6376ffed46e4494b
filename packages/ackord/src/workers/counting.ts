/** Asks all workers for what they have counted; one that is silent is left out after a while. */
import { LIMITS } from '@ackord/core';
import type { CountedMetrics } from '@ackord/server';

export interface Counting {
  /** Asks so many workers by `ask`, which is given the number of the question. */
  ask(workers: number, ask: (id: number) => void): Promise<readonly CountedMetrics[]>;
  /** An answer. */
  take(id: number, metrics: CountedMetrics): void;
}

export function createCounting(): Counting {
  const open = new Map<number, (metrics: CountedMetrics) => void>();
  let lastId = 0;
  return {
    ask(workers, ask) {
      const id = ++lastId;
      const found: CountedMetrics[] = [];
      return new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          open.delete(id);
          resolve(found);
        };
        const timer = setTimeout(end, LIMITS.workerMetricsMsMax);
        open.set(id, (metrics) => {
          found.push(metrics);
          if (found.length === workers) end();
        });
        ask(id);
      });
    },
    take: (id, metrics) => open.get(id)?.(metrics),
  };
}
