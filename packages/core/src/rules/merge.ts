/**
 * Laying the edit of a client on a record that has moved on since the client's base, merge group by merge group.
 * Says for each group that the edit touches what becomes of it; strategies are applied by the caller.
 */
import type { EntityType } from '../schema/define-entity.ts';
import { equalJson, type Fields, type JsonValue } from '../schema/json.ts';
import { pick, type RecordState, type Stamp, sameDevice, stampOf } from './record.ts';
import { type Situation, valueAtBase } from './situation.ts';
import { setUnion, type ValueMerge } from './strategies.ts';

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
  const own = sameDevice(stamp.device, change.device) || situation.sameSubmission(stamp.change);
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
  if (own)
    return change.time >= stamp.time
      ? { kind: 'take', fields: pick(change.fields, touched) }
      : { kind: 'superseded' };
  const merged = mergeValues(type, group, touched, (name) => ({
    base: atBase(name),
    server: record.fields[name] ?? null,
    client: change.fields[name] ?? null,
  }));
  if (merged) return { kind: 'merge', fields: merged };
  // The group is one value to people: the winner's whole view of it stands, not a mix of both.
  const view = Object.fromEntries(names.map((name) => [name, clientView(name)]));
  return { kind: 'clash', fields: view, names: touched, stamp };
}

/** The values of the fields put together by the group's merge; null when there is none, or it can't. */
function mergeValues(
  type: EntityType,
  group: string,
  names: readonly string[],
  valuesOf: (name: string) => Parameters<ValueMerge>[0],
): Fields | null {
  const merged: Record<string, JsonValue> = {};
  for (const name of names) {
    const own = type.merge?.[group];
    const merge =
      typeof own === 'function'
        ? own
        : own === undefined && type.fields.get(name)?.kind === 'ids'
          ? setUnion
          : null;
    const value = merge?.(valuesOf(name));
    if (value === undefined) return null;
    merged[name] = value;
  }
  return merged;
}
