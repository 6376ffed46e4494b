/**
 * Commands to something that may not answer: each is waited for so long and no longer, and after failures in a row it is
 * left alone for a while. Then somebody has to find out whether it is back, also where nobody wants anything of it.
 */
import { LIMITS } from '@ackord/core';
import { createCircuit } from './circuit.ts';

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false };

export interface Patience {
  /** May something be asked now? Whoever is told yes asks. */
  mayAsk(): boolean;
  /** Not ok: it failed, or has not come in time; then it may still come, and nobody listens. Never rejects. */
  ask<T>(command: Promise<T>, waitMs: number): Promise<Answer<T>>;
  /** It is known to be there again. */
  isThere(): void;
  stop(): void;
}

export interface PatienceOptions {
  readonly onThere: () => void;
  readonly onGone: () => void;
  /** Asks for something, to see whether it answers. */
  readonly probe: () => void;
}

/** Timers may fire a little early. */
const LATER_MS = 20;

export function createPatience({ onThere, onGone, probe }: PatienceOptions): Patience {
  const circuit = createCircuit();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const isThere = (): void => {
    circuit.wentWell();
    onThere();
  };
  const failed = (): void => {
    if (!circuit.failed() || stopped) return;
    onGone();
    clearTimeout(timer);
    timer = setTimeout(probe, LIMITS.cacheRestMs + LATER_MS).unref();
  };

  return {
    mayAsk: () => !stopped && circuit.mayAsk(),
    isThere,
    async ask(command, waitMs) {
      const answer = await within(command, waitMs);
      if (answer.ok) isThere();
      else failed();
      return answer;
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

async function within<T>(work: Promise<T>, msMax: number): Promise<Answer<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer<T>>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false }), msMax).unref();
  });
  const done = work.then(
    (value): Answer<T> => ({ ok: true, value }),
    (): Answer<T> => ({ ok: false }),
  );
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
}
