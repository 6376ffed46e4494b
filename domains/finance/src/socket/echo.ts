/**
 * Which of a session's own changes it is told of. Mostly none: it has what it sent. Where something else is stored, or
 * another state may have overwritten its copy meanwhile, it is told like everybody else, but never before the answer
 * to its entry. The news and the answer come on different ways, in any order.
 */
import type { Update } from './batch.ts';

export class Echo {
  /** Entries under way, with what came about them. */
  readonly #open = new Map<string, Update | null>();
  /** Answered ones of which the news have not come yet. */
  readonly #expected = new Set<string>();
  /** Answered ones that the session need not be told of, unless an older state of the record still comes before them. */
  readonly #silent = new Map<string, { readonly key: string; readonly seq: number }>();

  /** An entry is on its way through the engine. */
  begin(changeId: string): void {
    this.#open.set(changeId, this.#open.get(changeId) ?? null);
  }

  /**
   * It was answered. `seq`: of what it made; null: nothing. `tell`: the session has to be told of what is stored. Gives
   * what came in the meantime.
   */
  end(changeId: string, key: string, seq: number | null, tell: boolean): Update | null {
    const held = this.#open.get(changeId) ?? null;
    this.#open.delete(changeId);
    if (held) return tell ? held : null;
    if (seq !== null && tell) this.#expect(changeId);
    else if (seq !== null) this.#silent.set(changeId, { key, seq });
    return null;
  }

  /** Nothing is held or waited for. */
  get isIdle(): boolean {
    return this.#open.size === 0 && this.#silent.size === 0;
  }

  /** Another state of the record was sent. */
  outdated(key: string): void {
    for (const [changeId, held] of this.#open) if (held?.key === key) this.#open.set(changeId, null);
    for (const [changeId, one] of this.#silent)
      if (one.key === key) {
        this.#silent.delete(changeId);
        this.#expect(changeId);
      }
  }

  /** The session was told of everything up to there. */
  reached(seq: number): void {
    for (const [changeId, one] of this.#silent) if (one.seq <= seq) this.#silent.delete(changeId);
  }

  /** Is this one, whose last change is the session's own, to be sent now? */
  passes(update: Update): boolean {
    const { changeId } = update;
    if (changeId === null) return true;
    if (this.#open.has(changeId)) {
      this.#open.set(changeId, update);
      return false;
    }
    this.#silent.delete(changeId);
    return this.#expected.delete(changeId);
  }

  #expect(changeId: string): void {
    this.#expected.add(changeId);
    if (this.#expected.size > EXPECTED_MAX) this.#expected.delete([...this.#expected][0] ?? '');
  }
}

const EXPECTED_MAX = 10_000;
