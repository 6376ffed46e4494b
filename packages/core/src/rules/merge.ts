/**
 * Laying the edit of a client on a record that has moved on since the client's base, merge group by merge group.
 * Says for each group that the edit touches what becomes of it; strategies are applied by the caller.
 */
import type { EntityType, Field } from '../schema/define-entity.ts';
import { equalJson, type Fields, type JsonValue } from '../schema/json.ts';
import { laterOnDevice, pick, type RecordState, type Stamp, sameDevice, stampOf } from './record.ts';
import { type Situation, valueAtBase } from './situation.ts';
import { setUnion, type ThreeValues, type ValueMerge } from './strategies.ts';

export type GroupOutcome =
  /** The client's values go in. `seen`: nobody else had changed the group. */
  | { readonly kind: 'take'; readonly fields: Fields }
  /** Both sides' values were put together. */
  | { readonly kind: 'merge'; readonly fields: Fields }
  /** The same device already changed the group by a later edit: the older one is over. */
  | { readonly kind: 'superseded' }
  /** Both sides changed it, to different values. */
  | {
      readonly kind: 'clash';
      readonly fields: Fields;
      readonly names: readonly string[];
      readonly stamp: Stamp;
      /** The same device has changed it later: whatever the edit times say, what it sent stays behind. */
      readonly isOver?: boolean;
    };

export interface Merged {
  readonly outcomes: ReadonlyMap<string, GroupOutcome>;
  readonly atBase: (field: string) => JsonValue | undefined;
  /** The record as the client saw it when it sent the edit: its base with its edit on it. */
  readonly clientView: (field: string) => JsonValue;
}

export function mergeGroups(situation: Situation, record: RecordState): Merged {
  const { type, change } = situation;
  const atBase = valueAtBase(situation);
  const clientView = (field: string): JsonValue =>
    change.fields[field] ??
    (change.fields[field] === undefined ? (atBase(field) ?? record.fields[field] ?? null) : null);
  const outcomes = new Map<string, GroupOutcome>();
  for (const [group, names] of type.groups) {
    const outcome = mergeGroup(situation, record, group, names, atBase, clientView);
    if (outcome) outcomes.set(group, outcome);
  }
  return { outcomes, atBase, clientView };
}

function mergeGroup(
  situation: Situation,
  record: RecordState,
  group: string,
  names: readonly string[],
  atBase: Merged['atBase'],
  clientView: Merged['clientView'],
): GroupOutcome | null {
  const { type, change } = situation;
  const stamp = stampOf(record.clock, group);
  const own = sameDevice(stamp.device, change.device) || situation.sameSubmission(stamp);
  const movedSinceBase = change.base === null ? !situation.seen(group) : stamp.version > change.base;
  // A device that changed the group itself after its base knows that value: there the record is what it started from.
  const origin = (name: string) =>
    change.base === null || (own && movedSinceBase) ? record.fields[name] : atBase(name);
  const touched = names.filter(
    (name) => change.fields[name] !== undefined && !equalJson(change.fields[name], origin(name)),
  );
  if (touched.length === 0) return null;
  if (touched.every((name) => equalJson(change.fields[name], record.fields[name]))) return null;
  if (!movedSinceBase) return { kind: 'take', fields: pick(change.fields, touched) };
  if (own && isLater(situation, stamp)) return { kind: 'take', fields: pick(change.fields, touched) };
  // Who says what its edits are based on knows that this one is over. Of others it is kept.
  if (own && change.base !== null) return { kind: 'superseded' };
  const merged = mergeValues(type, group, touched, change.base === null, (name) => ({
    base: atBase(name),
    server: record.fields[name] ?? null,
    client: change.fields[name] ?? null,
  }));
  if (merged && !own) return { kind: 'merge', fields: merged };
  // The group is one value to people: the winner's whole view of it stands, not a mix of both.
  return { ...groupClash(record, names, clientView, stamp), ...(own && { isOver: true }) };
}

/** Is the change a later edit than the one that its own device made the stamp by? */
const isLater = ({ change, waitedSince }: Situation, stamp: Stamp): boolean => {
  // A CREATE that arrives after the edit of the same millisecond was made before it.
  const isAfter =
    change.operation === 'CREATE' && change.base === null
      ? change.time > stamp.time && laterOnDevice(change, stamp) > 0
      : laterOnDevice(change, stamp) >= 0;
  return isAfter && (waitedSince === null || stamp.version <= waitedSince);
};

/** The whole of a group against the server's: what differs is in conflict, also what the client left at its old value. */
export function groupClash(
  record: RecordState,
  names: readonly string[],
  clientView: Merged['clientView'],
  stamp: Stamp,
): Extract<GroupOutcome, { kind: 'clash' }> {
  const view = Object.fromEntries(names.map((name) => [name, clientView(name)]));
  const differing = names.filter((name) => !equalJson(view[name], record.fields[name]));
  return { kind: 'clash', fields: view, names: differing, stamp };
}

/** The values of the fields put together by the group's merge; null when there is none, or it can't. */
function mergeValues(
  type: EntityType,
  group: string,
  names: readonly string[],
  blind: boolean,
  valuesOf: (name: string) => ThreeValues,
): Fields | null {
  const merged: Record<string, JsonValue> = {};
  for (const name of names) {
    const field = type.fields.get(name);
    const values = valuesOf(name);
    const value = mergeOf(type, group, field, blind && values.base === undefined)?.(values);
    // A merge knows nothing of what the field allows: a count may have left its range, a text its length.
    if (value === undefined || !field?.schema.safeParse(value).success) return null;
    merged[name] = value;
  }
  return merged;
}

/** A list from a client that never says what it started from can't be a union: nothing could ever be taken out. */
function mergeOf(
  type: EntityType,
  group: string,
  field: Field | undefined,
  withoutBase: boolean,
): ValueMerge | null {
  const own = type.merge?.[group];
  if (typeof own === 'function') return own;
  return own === undefined && field?.kind === 'ids' && !withoutBase ? setUnion : null;
}
