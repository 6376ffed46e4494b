/** Keeps those of one key in the order in which they came, however long each of them takes to get ready. */
export interface Turn {
  /** Resolves when all who came before have left; null: nobody did. */
  readonly before: Promise<void> | null;
  /** To be called whatever happens; a second call does nothing. */
  leave(): void;
}

export class InOrder {
  readonly #last = new Map<string, Promise<void>>();

  enter(key: string): Turn {
    const before = this.#last.get(key) ?? null;
    let resolve = (): void => {};
    const left = new Promise<void>((done) => {
      resolve = done;
    });
    const mine = before === null ? left : before.then(() => left);
    this.#last.set(key, mine);
    return {
      before,
      leave: () => {
        resolve();
        if (this.#last.get(key) === mine) this.#last.delete(key);
      },
    };
  }
}
