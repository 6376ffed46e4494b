/**
 * Keeps a PostgreSQL running: starts it again when it ends by itself (killed for want of memory, say), so that the
 * server's pools find it again under the same address. Promises: never more than one at a time; when it keeps ending it
 * is tried more rarely, but for ever; after stop() has returned, none is left.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Postmaster } from './embedded-postmaster.ts';
import { EMBEDDED_WAITS } from './embedded-settings.ts';

export interface Running {
  pid(): number;
  stop(): Promise<void>;
}

/** Rejects if the very first start fails. */
export async function keepRunning(
  bringUp: () => Promise<Postmaster>,
  log: (line: string) => void,
): Promise<Running> {
  const stopping = new AbortController();
  let current = await bringUp();

  const watch = async (): Promise<void> => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      const since = Date.now();
      const how = await current.ended;
      if (stopping.signal.aborted) return;
      log(`PostgreSQL ${current.pid} ended by itself (${how})`);
      if (Date.now() - since > EMBEDDED_WAITS.calmMs) failures = 0;
      const next = await startAgain(failures);
      if (next === undefined) return;
      failures = next.failures;
      current = next.postmaster;
    }
  };

  /** Tries until it succeeds: what is in the way, a full disk say, may go away by itself. */
  const startAgain = async (
    before: number,
  ): Promise<{ postmaster: Postmaster; failures: number } | undefined> => {
    for (let failures = before; ; failures++) {
      await sleep(delayAfter(failures), undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return undefined;
      try {
        const postmaster = await bringUp();
        log(`PostgreSQL runs again, as process ${postmaster.pid}`);
        return { postmaster, failures: failures + 1 };
      } catch (error) {
        log(
          `ERROR: PostgreSQL could not be started again: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  };

  const watching = watch();
  const stop = async (): Promise<void> => {
    stopping.abort();
    await current.stop();
    // A start that was under way has ended now, and its PostgreSQL must not stay.
    await watching;
    await current.stop();
  };
  let stopped: Promise<void> | undefined;
  return {
    pid: () => current.pid,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

function delayAfter(failures: number): number {
  const { restartDelaysMs } = EMBEDDED_WAITS;
  return restartDelaysMs[Math.min(failures, restartDelaysMs.length - 1)] ?? 0;
}
