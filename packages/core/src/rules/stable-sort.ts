/**
 * A topological sort that leaves things where they are, unless something must come before them. Input: per position,
 * the positions that come before it.
 */

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

/** Sorts with each group as one place, where its first member stands; then its members among themselves. */
export function inGroups(
  after: readonly ReadonlySet<number>[],
  groups: readonly (string | null)[],
): number[] {
  const within = stableSort(after);
  const leaders = new Map<string, number>();
  groups.forEach((group, index) => {
    if (group !== null && !leaders.has(group)) leaders.set(group, index);
  });
  if (leaders.size === 0) return within;
  const placeOf = (index: number): number => {
    const group = groups[index] ?? null;
    return group === null ? index : (leaders.get(group) ?? index);
  };
  const places: Set<number>[] = after.map(() => new Set());
  after.forEach((earlier, index) => {
    for (const other of earlier)
      if (placeOf(other) !== placeOf(index)) places[placeOf(index)]?.add(placeOf(other));
  });
  const members = new Map<number, number[]>();
  for (const index of within) {
    const place = placeOf(index);
    const list = members.get(place);
    if (list) list.push(index);
    else members.set(place, [index]);
  }
  return stableSort(places).flatMap((place) => members.get(place) ?? []);
}
