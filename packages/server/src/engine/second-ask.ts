/**
 * Keeps only what is asked for a second time. Where something is committed all the time, whatever is read stands for a
 * moment of its own and nobody asks for it again: keeping it would drive out what is of use, here and at Redis.
 */
import { LIMITS } from '@ackord/core';
import type { CachedPages, PageName } from './ports.ts';

/** Pages that remember nothing. */
export const noPages: CachedPages = { get: async () => null, set: () => {} };

export function onSecondAsk(pages: CachedPages): CachedPages {
  /** What was asked for in vain, and how often; the one that was asked for last stands last. */
  const missed = new Map<string, number>();
  const note = (key: string): void => {
    const count = (missed.get(key) ?? 0) + 1;
    missed.delete(key);
    missed.set(key, count);
    if (missed.size <= LIMITS.missedPagesMax) return;
    for (const [oldest] of missed) {
      missed.delete(oldest);
      break;
    }
  };
  return {
    async get(name) {
      const found = await pages.get(name);
      if (!found) note(keyOf(name));
      return found;
    },
    set(name, bytes) {
      const key = keyOf(name);
      if ((missed.get(key) ?? 0) < 2) return;
      missed.delete(key);
      pages.set(name, bytes);
    },
  };
}

const keyOf = ({ scope, head, filter, format }: PageName): string =>
  JSON.stringify([scope, head, filter, format]);
