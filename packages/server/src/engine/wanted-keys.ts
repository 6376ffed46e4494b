/** The records that a batch asks for, each once, with where it is looked for first. */
import type { Registry } from '@ackord/core';
import { rootScope, scopeOfTenantRecord } from './place.ts';
import type { RecordKey, WantedKey } from './ports.ts';
import { recordKey } from './unit.ts';

/** A unit of more scopes says too little of where each of its records lies. */
const LIKELY_MAX = 4;

export class WantedKeys {
  readonly #registry: Registry;
  readonly #keys = new Map<string, WantedKey>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  get all(): readonly WantedKey[] {
    return [...this.#keys.values()];
  }

  /** `likely`: the scopes of the unit that names it, which was placed by what it names. */
  want({ type, id }: RecordKey, likely: readonly string[], withConflicts = false): void {
    const key = recordKey(type, id);
    const known = this.#keys.get(key);
    const own = this.#scopesKnown(type, id) ?? likely;
    const all = known?.likely ? [...new Set([...known.likely, ...own])] : own;
    this.#keys.set(key, {
      type,
      id,
      ...(all.length <= LIKELY_MAX && { likely: all }),
      withConflicts: withConflicts || (known?.withConflicts ?? false),
    });
  }

  /** Records of tenants, and roots, name their scope by their id. */
  #scopesKnown(key: string, id: string): readonly string[] | null {
    const type = this.#registry.type(key);
    const scope = type.scope === 'tenant' ? scopeOfTenantRecord(id) : rootScope(type, id);
    return scope === null ? null : [scope];
  }
}
