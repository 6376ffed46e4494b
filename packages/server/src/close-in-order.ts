/**
 * Ends what a server consists of, step by step in the order given, within a time: a step that takes too long or fails is
 * told to the log, and the next one begins all the same. Nothing may be left running because something else hangs.
 */
import type { Logger } from './observe/logger.ts';

export interface Step {
  readonly name: string;
  readonly run: () => Promise<unknown>;
  /** Milliseconds. */
  readonly msMax: number;
}

export async function closeInOrder(steps: readonly Step[], logger: Logger): Promise<void> {
  for (const { name, run, msMax } of steps) {
    try {
      if ((await within(run(), msMax)) === 'late')
        logger.error({ step: name, msMax }, 'stopping takes too long');
    } catch (error) {
      logger.error({ step: name, err: error }, 'stopping failed');
    }
  }
}

async function within(work: Promise<unknown>, msMax: number): Promise<'done' | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), msMax);
  });
  return Promise.race([work.then(() => 'done' as const), late]).finally(() => clearTimeout(timer));
}
