/**
 * Where scopes stand when somebody begins to follow them. Those who ask at the same time share a read: after a restart
 * thousands do. What is announced while a read is under way counts, for it has been committed.
 */
import type { Store } from './ports.ts';
import { Together } from './together.ts';

export class HeadReader {
  readonly #heads: Together<string, number>;
  /** The newest head heard of each scope that is being asked for, and how many ask. */
  readonly #heard = new Map<string, { head: number; askers: number }>();

  constructor(store: Pick<Store, 'snapshot'>) {
    this.#heads = new Together(
      async (scopes) => {
        const states = await store.snapshot((snapshot) => snapshot.scopes(scopes));
        const heads = new Map(states.map(({ id, head }) => [id, head]));
        return scopes.map((scope) => heads.get(scope) ?? 0);
      },
      { tripsAtOnceMax: 1, askersMax: SCOPES_AT_ONCE },
    );
  }

  hear({ scope, head }: { readonly scope: string; readonly head: number }): void {
    const one = this.#heard.get(scope);
    if (one && head > one.head) one.head = head;
  }

  /** `use` gets the newest head, in the same turn in which it is the newest. Rejects as the store does. */
  async read<T>(scope: string, use: (head: number) => T): Promise<T> {
    const heard = this.#heard.get(scope) ?? { head: 0, askers: 0 };
    this.#heard.set(scope, heard);
    heard.askers++;
    try {
      const head = await this.#heads.ask(scope);
      return use(Math.max(head, heard.head));
    } finally {
      if (--heard.askers === 0) this.#heard.delete(scope);
    }
  }
}

const SCOPES_AT_ONCE = 2_000;
