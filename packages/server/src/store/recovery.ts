/**
 * What has to be looked at after a connection was lost, before the next one is handed out. Promise: the work runs once
 * for all who wait, and again for those who come after a failure.
 */
export interface Recovery {
  /** A connection was lost. */
  begin(): void;
  /** Resolves when nothing is left to do; rejects as the work does. */
  done(): Promise<void>;
}

export function recoveryOf(work: () => Promise<void>): Recovery {
  let isDue = false;
  let running: Promise<void> | null = null;
  const run = async (): Promise<void> => {
    isDue = false;
    try {
      await work();
    } catch (error) {
      isDue = true;
      throw error;
    } finally {
      running = null;
    }
  };
  return {
    begin: () => {
      isDue = true;
    },
    done: () => {
      if (isDue) running ??= run();
      return running ?? Promise.resolve();
    },
  };
}
