/**
 * An app may have two sockets, and take what comes late on the one for newer than what has come on the other. When one
 * ends of which it is not known that all arrived, the others of its room are told of that once more. Sockets mostly end
 * many at a time; one read is enough for all that end together, or while another read is under way.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

export interface LateNewsParts {
  /** Does anybody remain who has to be told? */
  readonly isWanted: () => boolean;
  /** Reads what was told after a position, and tells it again to all who remain. */
  readonly tellAgain: (after: number) => Promise<void>;
}

export class LateNews {
  readonly #parts: LateNewsParts;
  /** The lowest position that somebody asked for and nobody has read from yet. */
  #from = Number.POSITIVE_INFINITY;
  #running: Promise<void> | null = null;

  constructor(parts: LateNewsParts) {
    this.#parts = parts;
  }

  /** A socket has ended that is known to have been told up to there. Resolves when the others have heard the rest. */
  tellFrom(position: number): Promise<void> {
    this.#from = Math.min(this.#from, position);
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    while (this.#from < Number.POSITIVE_INFINITY) {
      await nextTurn();
      const after = this.#from;
      this.#from = Number.POSITIVE_INFINITY;
      if (!this.#parts.isWanted()) continue;
      try {
        await this.#parts.tellAgain(after);
      } catch (cause) {
        // For the next one that ends.
        this.#from = Math.min(this.#from, after);
        throw cause;
      }
    }
  }
}
