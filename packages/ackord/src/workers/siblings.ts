/** A worker's way to the other workers, through the primary process. */
import { LIMITS } from '@ackord/core';
import type { CountedMetrics, Siblings } from '@ackord/server';
import type { Send } from './channel.ts';
import type { FromPrimary, FromWorker } from './messages.ts';

export interface WorkerSiblings extends Siblings {
  /** A message of the primary. */
  take(message: FromPrimary): void;
}

export function createSiblings(send: Send<FromWorker>): WorkerSiblings {
  const listeners = new Set<(text: string) => void>();
  const asked = new Map<number, (all: readonly CountedMetrics[]) => void>();
  let count: () => Promise<CountedMetrics> = () => Promise.resolve([]);
  let lastId = 0;
  return {
    tell: (text) => send({ kind: 'told', text }),
    listen: (listener) => void listeners.add(listener),
    offerMetrics(own) {
      count = own;
    },
    async allMetrics() {
      const id = ++lastId;
      const all = await new Promise<readonly CountedMetrics[]>((resolve) => {
        // Somewhat later than the primary gives up on a worker that is silent.
        const timer = setTimeout(() => resolve([]), LIMITS.workerMetricsMsMax * 1.5);
        asked.set(id, (found) => {
          clearTimeout(timer);
          resolve(found);
        });
        send({ kind: 'count-all', id });
      });
      asked.delete(id);
      return all.length > 0 ? all : [await count()];
    },
    take(message) {
      switch (message.kind) {
        case 'told':
          for (const listener of listeners) listener(message.text);
          return;
        case 'count':
          count().then(
            (metrics) => send({ kind: 'counted', id: message.id, metrics }),
            () => send({ kind: 'counted', id: message.id, metrics: [] }),
          );
          return;
        case 'counted-all':
          asked.get(message.id)?.(message.all);
          return;
        case 'stop':
          return;
      }
    },
  };
}
