/** What of a field's answer was asked for, fragments included. */
import { type GraphQLResolveInfo, Kind, type SelectionNode } from 'graphql';

type Selecting = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>;

/** Is the field at this path below the resolved one selected? `@skip` and `@include` are not looked at. */
export function selects(info: Selecting, ...path: readonly string[]): boolean {
  let level: readonly SelectionNode[] = info.fieldNodes.flatMap(
    (node) => node.selectionSet?.selections ?? [],
  );
  for (const name of path) {
    const hits = fieldsOf(info, level).filter((field) => field.name.value === name);
    if (hits.length === 0) return false;
    level = hits.flatMap((field) => field.selectionSet?.selections ?? []);
  }
  return true;
}

/** Nothing but the id is asked for: then a reference needs no look at the record. Asked per row, found out once. */
export function selectsOnlyId(info: Selecting): boolean {
  const known = onlyIds.get(info.fieldNodes);
  if (known !== undefined) return known;
  const selected = fieldsOf(
    info,
    info.fieldNodes.flatMap((node) => node.selectionSet?.selections ?? []),
  );
  const onlyId = selected.every(({ name }) => name.value === 'id' || name.value === '__typename');
  onlyIds.set(info.fieldNodes, onlyId);
  return onlyId;
}

const onlyIds = new WeakMap<Selecting['fieldNodes'], boolean>();

function fieldsOf(
  info: Selecting,
  selections: readonly SelectionNode[],
): Extract<SelectionNode, { kind: Kind.FIELD }>[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection];
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : info.fragments[selection.name.value];
    return fieldsOf(info, inner?.selectionSet.selections ?? []);
  });
}
