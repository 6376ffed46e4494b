/**
 * Clears away files that nobody uses: uploads that never came, files whose record is gone or names another one, and
 * files that no record ever named. Each gets its grace first. Runs by itself, now and then, in small steps, on the server
 * that leads.
 */
import { LIMITS } from '@ackord/core';
import type { FileStore, FileTable } from './ports.ts';

export interface SweepParts {
  readonly store: FileStore;
  readonly table: FileTable;
  readonly graceMs: number;
  /** Asked before each step. */
  readonly mayAct: () => Promise<boolean>;
  /** Told of what went wrong; the next run tries again. */
  readonly onFailure: (cause: unknown) => void;
}

export interface Sweep {
  /** Sweeps until nothing is due; called by itself every LIMITS.sweepEveryMs. Resolves with how many files went. */
  run(): Promise<number>;
  /** Resolves when the step that runs has ended. */
  stop(): Promise<void>;
}

export function startSweep(parts: SweepParts): Sweep {
  let stopped = false;
  let running: Promise<number> = Promise.resolve(0);
  const sweepAll = async (): Promise<number> => {
    let gone = 0;
    try {
      if (!stopped && (await parts.mayAct())) await parts.store.tidy();
      while (!stopped && (await parts.mayAct())) {
        const step = await sweepOnce(parts, () => stopped);
        gone += step.gone;
        if (step.seen < LIMITS.sweepRowsMax) break;
      }
    } catch (cause) {
      parts.onFailure(cause);
    }
    return gone;
  };
  const run = (): Promise<number> => {
    running = running.then(sweepAll);
    return running;
  };
  const timer = setInterval(run, LIMITS.sweepEveryMs);
  timer.unref();
  return {
    run,
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}

/** First the row says that the file is on its way out, then the bytes go, then the row: a crash leaves nothing behind. */
async function sweepOnce(
  { store, table, graceMs }: SweepParts,
  isStopped: () => boolean,
): Promise<{ readonly seen: number; readonly gone: number }> {
  const due = await table.claimDue(LIMITS.sweepRowsMax);
  const keysOf = (of: (file: (typeof due)[number]) => boolean): string[] =>
    due.filter(of).map(({ key }) => key);
  const condemned = await table.judge(
    {
      used: keysOf(({ used }) => used),
      unused: keysOf(({ used, state }) => !used && state !== 'removing'),
    },
    graceMs,
  );
  // Those that an earlier sweep has left half done, too.
  const doomed = [...keysOf(({ state }) => state === 'removing'), ...condemned];
  let gone = 0;
  for (const key of doomed) {
    if (isStopped()) break;
    await store.remove(key);
    await table.forget([key]);
    gone += 1;
  }
  return { seen: due.length, gone };
}
