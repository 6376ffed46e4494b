/**
 * Row-level security lets a transaction touch only scopes that it has named: a JSON object with a member per scope,
 * in a setting that ends with the transaction.
 */
import type { Connection } from './connection.ts';
import { nameScopes } from './statements/session/name-scopes.ts';

/** The list of one transaction. */
export class ScopeNames {
  readonly #connection: Connection;
  readonly #named = new Set<string>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Call it right before the read, without waiting in between: they travel together, in this order. */
  async name(scopes: Iterable<string>): Promise<void> {
    const before = this.#named.size;
    for (const scope of scopes) this.#named.add(scope);
    if (this.#named.size === before) return;
    const names = Object.fromEntries([...this.#named].map((scope) => [scope, 0]));
    await this.#connection.rows(nameScopes, [JSON.stringify(names)]);
  }
}
