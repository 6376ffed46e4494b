/**
 * Which of a session's own changes it is told of. Mostly none: it has what it sent. Where something else is stored, or
 * another state may have overwritten its copy meanwhile, it is told like everybody else, but never before the answer
 * to its entry. The news and the answer come on different ways, in any order.
 */
import type { Update } from './batch.ts';

export interface Echo {
  /** An entry is on its way through the engine. */
  begin(changeId: string): void;
  /**
   * It was answered. `seq`: of what it made; null: nothing. `tell`: the session has to be told of what is stored. Gives
   * what came in the meantime.
   */
  end(changeId: string, key: string, seq: number | null, tell: boolean): Update | null;
  /** Nothing is held or waited for. */
  readonly isIdle: boolean;
  /** Another state of the record was sent. */
  outdated(key: string): void;
  /** The session was told of everything up to there. */
  reached(seq: number): void;
  /** Is this one, whose last change is the session's own, to be sent now? */
  passes(update: Update): boolean;
}

export function createEcho(): Echo {
  /** Entries under way, with what came about them. */
  const open = new Map<string, Update | null>();
  /** Answered ones of which the news have not come yet. */
  const expected = new Set<string>();
  /** Answered ones that the session need not be told of, unless an older state of the record still comes before them. */
  const silent = new Map<string, { readonly key: string; readonly seq: number }>();
  const expect = (changeId: string): void => {
    expected.add(changeId);
    if (expected.size > EXPECTED_MAX) expected.delete([...expected][0] ?? '');
  };
  return {
    begin: (changeId) => open.set(changeId, open.get(changeId) ?? null),
    end(changeId, key, seq, tell) {
      const held = open.get(changeId) ?? null;
      open.delete(changeId);
      if (held) return tell ? held : null;
      if (seq !== null && tell) expect(changeId);
      else if (seq !== null) silent.set(changeId, { key, seq });
      return null;
    },
    get isIdle() {
      return open.size === 0 && silent.size === 0;
    },
    outdated(key) {
      for (const [changeId, held] of open) if (held?.key === key) open.set(changeId, null);
      for (const [changeId, one] of silent)
        if (one.key === key) {
          silent.delete(changeId);
          expect(changeId);
        }
    },
    reached(seq) {
      for (const [changeId, one] of silent) if (one.seq <= seq) silent.delete(changeId);
    },
    passes(update) {
      const { changeId } = update;
      if (changeId === null) return true;
      if (open.has(changeId)) {
        open.set(changeId, update);
        return false;
      }
      silent.delete(changeId);
      return expected.delete(changeId);
    },
  };
}

const EXPECTED_MAX = 10_000;
