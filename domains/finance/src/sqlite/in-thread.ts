/**
 * Reads and writes SQLite files in a thread of its own, one file at a time: SQLite can't be interrupted, a thread can be
 * ended. So no file, however it was made, holds up the server, and memory holds one of them.
 */
import { Worker } from 'node:worker_threads';
import { LIMITS } from '@ackord/core';
import type { FileLimits, ReadFile } from './read-file.ts';
import type { Table } from './tables.ts';
import type { FilledTable } from './write-file.ts';

export type Job =
  | {
      readonly kind: 'read';
      readonly bytes: Uint8Array;
      readonly tables: readonly Table[];
      readonly limits: FileLimits;
    }
  | { readonly kind: 'write'; readonly tables: readonly FilledTable[] };

interface Answers {
  readonly read: ReadFile;
  readonly write: Uint8Array;
}

export type Done<T> =
  | { readonly ok: true; readonly answer: T }
  /** `busy`: too many wait already. `slow`, `large`: more time or memory than allowed. */
  | { readonly ok: false; readonly fault: 'busy' | 'slow' | 'large' };

let last: Promise<unknown> = Promise.resolve();
let waiting = 0;

/** The job's bytes are copied, not taken away. `msMax`: for tests. */
export async function inThread<J extends Job>(
  job: J,
  msMax: number = LIMITS.sqliteMsMax,
): Promise<Done<Answers[J['kind']]>> {
  if (waiting > LIMITS.sqliteWaitingMax) return { ok: false, fault: 'busy' };
  waiting += 1;
  const before = last;
  const run = (async () => {
    await before;
    return runAlone<Answers[J['kind']]>(job, msMax);
  })();
  last = run.catch(() => {});
  try {
    return await run;
  } finally {
    waiting -= 1;
  }
}

async function runAlone<T>(job: Job, msMax: number): Promise<Done<T>> {
  const worker = new Worker(new URL('./thread.js', import.meta.url), {
    workerData: job,
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: LIMITS.sqliteHeapMegabytesMax },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Done<T>>((resolve, reject) => {
      timer = setTimeout(() => resolve({ ok: false, fault: 'slow' }), msMax);
      worker.once('message', (answer: T) => resolve({ ok: true, answer }));
      worker.once('error', (error) =>
        isOutOfMemory(error) ? resolve({ ok: false, fault: 'large' }) : reject(error),
      );
      worker.once('exit', () => reject(new Error('The thread ended without an answer.')));
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

const isOutOfMemory = (error: unknown): boolean =>
  error instanceof RangeError ||
  (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY');
