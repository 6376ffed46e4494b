/**
 * History is kept for a time; then tombstones lose their content, and log, receipts, bookmarks and failures go. Whoever
 * comes back after that is told to sync in full. Runs by itself, now and then, in small steps, on the server that leads.
 */
import { LIMITS } from '@ackord/core';
import type { Leadership } from './leadership.ts';
import type { Observer, Store } from './ports.ts';

export interface Retention {
  /** Trims until nothing is left to trim, or another server leads; called by itself every LIMITS.trimEveryMs. */
  run(): Promise<void>;
  stop(): Promise<void>;
}

export function startRetention(
  store: Store,
  observer: Observer,
  retentionMs: number,
  now: () => number,
  leadership: Pick<Leadership, 'confirm'>,
): Retention {
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  const trimAll = async (): Promise<void> => {
    try {
      while (
        !stopped &&
        (await leadership.confirm()) &&
        (await store.trim(now() - retentionMs, LIMITS.trimRowsMax))
      );
    } catch (cause) {
      observer.defect({ where: 'retention', cause: String(cause), changeId: null });
    }
  };
  const run = (): Promise<void> => {
    running = running.then(trimAll);
    return running;
  };
  const timer = setInterval(run, LIMITS.trimEveryMs);
  timer.unref();
  return {
    run,
    stop: () => {
      stopped = true;
      clearInterval(timer);
      return running;
    },
  };
}
