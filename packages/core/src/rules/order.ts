/**
 * The order of the changes of one submission: the device's own, made safe. Edges only where they must be: the same
 * record, a parent's CREATE before its child, a child's changes before its parent's DELETE, the same unique key.
 * Everything else stays where the device put it (stable topological sort).
 */
import type { EntityType } from '../schema/define-entity.ts';
import type { Change } from './record.ts';

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
  const creates = new Map<string, number>();
  const lastOnRecord = new Map<string, number>();
  const lastOnUnique = new Map<string, number>();
  const keyOf = (type: string, id: string) => `${type}\n${id}`;
  changes.forEach((change, index) => {
    if (change.operation === 'CREATE' && !creates.has(keyOf(change.type, change.id)))
      creates.set(keyOf(change.type, change.id), index);
  });
  const childrenOf = new Map<string, number[]>();
  // Changes of a type that don't say whose child they are may be any parent's: they come before all its DELETEs.
  const strays = new Map<string, number[]>();
  changes.forEach((change, index) => {
    const type = typeOf(change.type);
    const record = keyOf(change.type, change.id);
    chain(lastOnRecord, record, index, after);
    const uniqueKey = type.unique?.key(change.fields) ?? null;
    if (uniqueKey !== null && change.operation !== 'DELETE')
      chain(lastOnUnique, `${change.type}\n${uniqueKey}`, index, after);
    if (!type.owner) return;
    const parentId = change.fields[type.owner.field];
    if (typeof parentId !== 'string') {
      if (change.operation !== 'CREATE') append(strays, change.type, index);
      return;
    }
    const parent = keyOf(type.owner.type, parentId);
    const create = creates.get(parent);
    if (create !== undefined && create !== index) after[index]?.add(create);
    append(childrenOf, parent, index);
  });
  const barriers = new Map<string, number>();
  const descendants = (key: string): string[] =>
    typeOf(key).children.flatMap((child) => [child, ...descendants(child)]);
  changes.forEach((change, index) => {
    if (change.operation !== 'DELETE' || typeOf(change.type).children.length === 0) return;
    const record = keyOf(change.type, change.id);
    // A parent that is made anew after its deletion: the children are the new one's.
    if ((creates.get(record) ?? -1) > index) return;
    for (const child of childrenOf.get(record) ?? []) after[index]?.add(child);
    let barrier = barriers.get(change.type);
    if (barrier === undefined) {
      barrier = after.push(new Set(descendants(change.type).flatMap((type) => strays.get(type) ?? []))) - 1;
      barriers.set(change.type, barrier);
    }
    after[index]?.add(barrier);
  });
  return inGroups(after, groups).filter((index) => index < changes.length);
}

const append = (lists: Map<string, number[]>, key: string, index: number): void => {
  const list = lists.get(key);
  if (list) list.push(index);
  else lists.set(key, [index]);
};

function chain(last: Map<string, number>, key: string, index: number, after: Set<number>[]): void {
  const previous = last.get(key);
  if (previous !== undefined) after[index]?.add(previous);
  last.set(key, index);
}

/** Each position in turn, behind those that must come before it. A cycle is cut where it was entered. */
function stableSort(after: readonly ReadonlySet<number>[]): number[] {
  const seen = new Set<number>();
  const order: number[] = [];
  for (let start = 0; start < after.length; start++) {
    // An explicit stack: a chain of ten thousand changes would overflow the call stack.
    const stack: { index: number; before: number[] }[] = [];
    const enter = (index: number): void => {
      if (seen.has(index)) return;
      seen.add(index);
      stack.push({ index, before: [...(after[index] ?? [])].sort((a, b) => b - a) });
    };
    enter(start);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const next = top.before.pop();
      if (next !== undefined) enter(next);
      else order.push(stack.pop()!.index);
    }
  }
  return order;
}

/** Sorts with each group as one place, then its members among themselves. */
function inGroups(after: readonly ReadonlySet<number>[], groups: readonly (string | null)[]): number[] {
  const members = new Map<string, number[]>();
  groups.forEach((group, index) => {
    if (group !== null) append(members, group, index);
  });
  if (members.size === 0) return stableSort(after);
  const placeOf = (index: number): number => members.get(groups[index] ?? '')?.[0] ?? index;
  const places: Set<number>[] = after.map(() => new Set());
  after.forEach((earlier, index) => {
    for (const other of earlier)
      if (placeOf(other) !== placeOf(index)) places[placeOf(index)]?.add(placeOf(other));
  });
  const within = stableSort(after);
  return stableSort(places).flatMap((place) => {
    const group = members.get(groups[place] ?? '');
    if (!group) return [place];
    return placeOf(place) === place ? within.filter((index) => group.includes(index)) : [];
  });
}
