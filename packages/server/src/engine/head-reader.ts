/**
 * Where scopes stand when somebody begins to follow them. Those who ask at the same time share a read: after a restart
 * thousands do. What is announced while a read is under way counts, for it has been committed.
 */
import type { Store } from './ports.ts';

interface Asker {
  readonly scope: string;
  readonly resolve: (head: number) => void;
  readonly reject: (cause: unknown) => void;
}

export class HeadReader {
  readonly #store: Pick<Store, 'snapshot'>;
  #gathering: Asker[] = [];
  #isReading = false;
  /** The newest head heard of each scope that is being asked for, and how many ask. */
  readonly #heard = new Map<string, { head: number; askers: number }>();

  constructor(store: Pick<Store, 'snapshot'>) {
    this.#store = store;
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
      const head = await this.#ask(scope);
      return use(Math.max(head, heard.head));
    } finally {
      if (--heard.askers === 0) this.#heard.delete(scope);
    }
  }

  #ask(scope: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#gathering.push({ scope, resolve, reject });
      if (this.#gathering.length === 1) queueMicrotask(() => void this.#go());
    });
  }

  async #go(): Promise<void> {
    if (this.#isReading || this.#gathering.length === 0) return;
    const askers = this.#gathering.splice(0, SCOPES_AT_ONCE);
    this.#isReading = true;
    try {
      const scopes = askers.map(({ scope }) => scope);
      const states = await this.#store.snapshot((snapshot) => snapshot.scopes(scopes));
      const heads = new Map(states.map(({ id, head }) => [id, head]));
      for (const { scope, resolve } of askers) resolve(heads.get(scope) ?? 0);
    } catch (cause) {
      for (const { reject } of askers) reject(cause);
    } finally {
      this.#isReading = false;
      void this.#go();
    }
  }
}

const SCOPES_AT_ONCE = 2_000;
