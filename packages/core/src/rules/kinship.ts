/** Whose child is whose, as far as the changes of one submission tell. Records are named `type`, line feed, `id`. */
import type { EntityType } from '../schema/define-entity.ts';
import type { Change } from './record.ts';

export interface Kinship {
  /** Per change: the hard parent that it names, none or one. */
  readonly parents: readonly (readonly string[])[];
  /** Positions of the changes of all that hangs below a record. */
  readonly descendants: ReadonlyMap<string, readonly number[]>;
  /**
   * By type: positions of changes that hang below some record of it, but the submission does not say which. They may be
   * any one's, so they come before all DELETEs of the type.
   */
  readonly strays: ReadonlyMap<string, readonly number[]>;
}

export function kinshipOf(changes: readonly Change[], typeOf: (key: string) => EntityType): Kinship {
  const parents = changes.map((change) => {
    const { owner } = typeOf(change.type);
    const id = owner ? change.fields[owner.field] : null;
    return owner && typeof id === 'string' ? [`${owner.type}\n${id}`] : [];
  });
  const parentsOfRecord = new Map<string, Set<string>>();
  changes.forEach(({ type, id }, index) => {
    const record = `${type}\n${id}`;
    const known = parentsOfRecord.get(record) ?? new Set();
    for (const parent of parents[index] ?? []) known.add(parent);
    if (known.size > 0) parentsOfRecord.set(record, known);
  });
  const descendants = new Map<string, number[]>();
  const strays = new Map<string, number[]>();
  const climb = (index: number, type: EntityType, record: string): void => {
    if (!type.owner) return;
    const above = typeOf(type.owner.type);
    const known = parentsOfRecord.get(record);
    if (!known) {
      for (let stranger = above; ; stranger = typeOf(stranger.owner.type)) {
        append(strays, stranger.key, index);
        if (!stranger.owner) return;
      }
    }
    for (const parent of known) {
      append(descendants, parent, index);
      climb(index, above, parent);
    }
  };
  changes.forEach(({ type, id }, index) => {
    climb(index, typeOf(type), `${type}\n${id}`);
  });
  return { parents, descendants, strays };
}

const append = (lists: Map<string, number[]>, key: string, index: number): void => {
  const list = lists.get(key);
  if (list) list.push(index);
  else lists.set(key, [index]);
};
