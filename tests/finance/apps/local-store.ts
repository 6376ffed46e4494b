/**
 * What one device keeps of a tenant, and how it takes what comes: who wins is another matter for each type, and for
 * each way on which it comes.
 */
import { LIST_KEYS, TYPE_NAMES, type TypeName } from '@ackord/finance';
import type { Loose } from '../ground.ts';
import { type Entity, stampOf } from './entities.ts';

/** Whatever comes is taken: what it would be compared by is filled with the time of its arrival. */
const ALWAYS_TAKEN: ReadonlySet<TypeName> = new Set(['Account', 'AccountGroup', 'Transaction']);
const UPDATED_ONLY_IF_KNOWN: ReadonlySet<TypeName> = new Set(['AutomationRule', 'PlanningTransaction']);
/** An initial load brings these back even if their deletion is still in the queue. */
const LOADED_THOUGH_DELETED: ReadonlySet<TypeName> = new Set([
  'AutomationRule',
  'PlanningTransaction',
  'Transaction',
]);

export interface StoreTools {
  readonly nowIso: () => string;
  /** The device shows this now. */
  readonly onShown: (type: TypeName, entity: Entity) => void;
  readonly isDeleteQueued: (type: TypeName, id: string) => boolean;
}

export class LocalStore {
  readonly #tables = new Map<TypeName, Map<string, Entity>>(TYPE_NAMES.map((type) => [type, new Map()]));
  readonly #tools: StoreTools;

  constructor(tools: StoreTools) {
    this.#tools = tools;
  }

  all(type: TypeName): readonly Entity[] {
    return [...this.#table(type).values()];
  }

  get(type: TypeName, id: string): Entity | undefined {
    return this.#table(type).get(id);
  }

  put(type: TypeName, entity: Entity): void {
    this.#table(type).set(entity.id, entity);
    this.#tools.onShown(type, entity);
  }

  remove(type: TypeName, id: string): void {
    this.#table(type).delete(id);
  }

  takeUpdate(type: TypeName, operation: string, sent: Loose): void {
    const known = this.get(type, sent.id);
    if (operation === 'delete') {
      if (
        type === 'AccountGroup' &&
        this.all('Account').some(({ accountGroupId }) => accountGroupId === sent.id)
      )
        return;
      this.remove(type, sent.id);
      return;
    }
    if (UPDATED_ONLY_IF_KNOWN.has(type) && operation === 'update' && !known) return;
    const incoming = this.#received(type, sent);
    if (ALWAYS_TAKEN.has(type) || isNewer(incoming, known)) this.#take(type, incoming, known);
  }

  takeLoad(payload: Loose): void {
    for (const type of TYPE_NAMES)
      for (const sent of payload[LIST_KEYS[type]]) {
        if (!LOADED_THOUGH_DELETED.has(type) && this.#tools.isDeleteQueued(type, sent.id)) continue;
        const known = this.get(type, sent.id);
        if (type === 'Category' && known) continue;
        const incoming = this.#received(type, sent);
        if (ALWAYS_TAKEN.has(type) || isNewer(incoming, known)) this.#take(type, incoming, known);
      }
  }

  /** Planning transactions keep both keys as they come; of the others the mapper renames one. */
  #received(type: TypeName, sent: Loose): Entity {
    if (type === 'PlanningTransaction') return { ...sent };
    const { updated_at, ...rest } = sent;
    const entity = { ...rest, updatedAt: updated_at ?? null };
    return ALWAYS_TAKEN.has(type) ? { ...entity, updated_at: this.#tools.nowIso() } : entity;
  }

  /** A running balance is the device's own reckoning. */
  #take(type: TypeName, incoming: Entity, known: Entity | undefined): void {
    const own = type === 'Transaction' ? known?.runningBalance : undefined;
    this.put(type, own ? { ...incoming, runningBalance: own } : incoming);
  }

  #table(type: TypeName): Map<string, Entity> {
    return this.#tables.get(type) ?? new Map();
  }
}

function isNewer(incoming: Entity, known: Entity | undefined): boolean {
  if (!known) return true;
  return timeOf(incoming) > timeOf(known);
}

const timeOf = (entity: Entity): number => {
  const stamp = stampOf(entity);
  return typeof stamp === 'string' ? Date.parse(stamp) : 0;
};
