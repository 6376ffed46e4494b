/**
 * Which of a session's own changes it is told of. Mostly none: it has what it sent. Where something else is stored, or
 * another state may have overwritten its copy meanwhile, it is told like everybody else, but never before the answer
 * to its entry. The news and the answer come on different ways, in any order.
 */
import type { Update } from './room.ts';

export interface Echo {
  /** An entry is on its way through the engine. */
  begin(changeId: string): void;
  /** It was answered. `tell`: the session has to be told of what is stored. Gives what came in the meantime. */
  end(changeId: string, seq: number | null, tell: boolean): Update | null;
  /** Nothing is held or waited for. */
  readonly isIdle: boolean;
  /** A newer state of the record was sent. */
  outdated(key: string): void;
  /** Is this one, whose last change is the session's own, to be sent now? */
  passes(update: Update): boolean;
}

export function createEcho(): Echo {
  /** Entries under way, with what came about them. */
  const open = new Map<string, Update | null>();
  /** Answered ones of which the news have not come yet. */
  const expected = new Set<string>();
  return {
    begin: (changeId) => open.set(changeId, open.get(changeId) ?? null),
    end(changeId, seq, tell) {
      const held = open.get(changeId) ?? null;
      open.delete(changeId);
      if (!tell) return null;
      if (held) return held;
      if (seq !== null) expected.add(changeId);
      if (expected.size > EXPECTED_MAX) expected.delete([...expected][0] ?? '');
      return null;
    },
    get isIdle() {
      return open.size === 0;
    },
    outdated(key) {
      for (const [changeId, held] of open) if (held?.key === key) open.set(changeId, null);
    },
    passes(update) {
      const { changeId } = update;
      if (changeId === null) return true;
      if (open.has(changeId)) {
        open.set(changeId, update);
        return false;
      }
      return expected.delete(changeId);
    },
  };
}

const EXPECTED_MAX = 10_000;
