/**
 * The order of the changes of one submission: the device's own, made safe. Edges only where they must be: the same
 * record, a parent's CREATE before its child, a child's changes before its parent's DELETE, the same unique key.
 * Everything else stays where the device put it (stable topological sort).
 */
import type { EntityType } from '../schema/define-entity.ts';
import { kinshipOf } from './kinship.ts';
import type { Change } from './record.ts';
import { inGroups } from './stable-sort.ts';

/**
 * Positions of the changes in the order in which they are decided. Changes of one group (`groups[i]` is its name, null
 * for none) come out next to each other.
 */
export function orderChanges(
  changes: readonly Change[],
  typeOf: (key: string) => EntityType,
  groups: readonly (string | null)[] = [],
): number[] {
  const after: Set<number>[] = changes.map(() => new Set());
  chainRecordsAndKeys(changes, typeOf, after);
  const creates = new Map<string, number>();
  changes.forEach((change, index) => {
    const record = `${change.type}\n${change.id}`;
    if (change.operation === 'CREATE' && !creates.has(record)) creates.set(record, index);
  });
  const kinship = kinshipOf(changes, typeOf);
  kinship.parents.forEach((parents, index) => {
    for (const parent of parents) {
      const create = creates.get(parent);
      if (create !== undefined && create !== index) after[index]?.add(create);
    }
  });
  const barriers = new Map<string, number>();
  changes.forEach((change, index) => {
    if (change.operation !== 'DELETE' || typeOf(change.type).children.length === 0) return;
    const record = `${change.type}\n${change.id}`;
    // A parent that is made anew after its deletion: the children are the new one's.
    if ((creates.get(record) ?? -1) > index) return;
    for (const descendant of kinship.descendants.get(record) ?? []) after[index]?.add(descendant);
    let barrier = barriers.get(change.type);
    if (barrier === undefined) {
      barrier = after.push(new Set(kinship.strays.get(change.type))) - 1;
      barriers.set(change.type, barrier);
    }
    after[index]?.add(barrier);
  });
  return inGroups(after, groups).filter((index) => index < changes.length);
}

/** Changes of one record, and of one unique key, keep the device's order among themselves. */
function chainRecordsAndKeys(
  changes: readonly Change[],
  typeOf: (key: string) => EntityType,
  after: Set<number>[],
): void {
  const lastOnRecord = new Map<string, number>();
  const lastOnUnique = new Map<string, number>();
  const chain = (last: Map<string, number>, key: string, index: number): void => {
    const previous = last.get(key);
    if (previous !== undefined) after[index]?.add(previous);
    last.set(key, index);
  };
  changes.forEach((change, index) => {
    chain(lastOnRecord, `${change.type}\n${change.id}`, index);
    if (change.operation === 'DELETE') return;
    const uniqueKey = typeOf(change.type).unique?.key(change.fields) ?? null;
    if (uniqueKey !== null) chain(lastOnUnique, `${change.type}\n${uniqueKey}`, index);
  });
}
