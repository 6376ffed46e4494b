/** What a person's decision on a conflict asks for: which side, and the change that makes the record so. Pure. */
import {
  type EntityType,
  equalJson,
  type Fields,
  type JsonValue,
  type Operation,
  type RecordState,
} from '@ackord/core';
import type { ConflictView } from './conflict-view.ts';
import type { ResolutionTask } from './unit.ts';

/** `data`: what the person wrote. */
export type Side = 'client' | 'server' | 'data' | 'both';

export function sideOf({ strategy, side }: ResolutionTask, conflict: ConflictView): Side {
  if (side !== null) return side;
  switch (strategy) {
    case 'LAST_WRITE_WINS':
      return conflict.clientTime > conflict.serverTime ? 'client' : 'server';
    case 'FIRST_WRITE_WINS':
      return 'server';
    case 'MANUAL_RESOLUTION':
      return 'data';
    case 'KEEP_BOTH':
      return 'both';
  }
}

const groupOf = (type: EntityType, field: string): string => type.fields.get(field)?.group ?? field;

/** The merge groups that the conflict is about. */
export const groupsOf = (type: EntityType, { fields }: ConflictView): ReadonlySet<string> =>
  new Set(fields.map((field) => groupOf(type, field)));

/** All fields of these groups: a group goes one way as a whole. */
const fieldsOf = (type: EntityType, groups: ReadonlySet<string>): readonly string[] =>
  [...groups].flatMap((group) => type.groups.get(group) ?? []);

/** The conflicted groups as the client wants them: what it sent, else what it had started from. */
export function clientFields(type: EntityType, conflict: ConflictView): Fields {
  const { client, base } = conflict;
  return present(fieldsOf(type, groupsOf(type, conflict)), (name) =>
    client[name] !== undefined ? client[name] : base?.[name],
  );
}

/** The conflicted groups as they stood on the server. */
export function serverFields(type: EntityType, conflict: ConflictView): Fields {
  return present(fieldsOf(type, groupsOf(type, conflict)), (name) => conflict.server?.[name]);
}

/** Of what a person wrote: all that is about the conflict, and what differs from the record that it was shown. */
export function writtenFields(type: EntityType, conflict: ConflictView, written: Fields): Fields {
  const groups = groupsOf(type, conflict);
  const edits = Object.entries(written).filter(
    ([name, value]) => groups.has(groupOf(type, name)) || !equalJson(value, conflict.server?.[name]),
  );
  return Object.fromEntries(edits);
}

const present = (
  names: readonly string[],
  valueIn: (name: string) => JsonValue | undefined,
): { [field: string]: JsonValue } =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = valueIn(name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );

export interface Wanted {
  readonly operation: Operation;
  readonly fields: Fields;
}

/** The change that makes the record what the person wants; null: it is so already. `written`: for the side `data`. */
export function changeFor(
  type: EntityType,
  conflict: ConflictView,
  record: RecordState,
  side: 'client' | 'server' | 'data',
  written: Fields,
): Wanted | null {
  const fields =
    side === 'data'
      ? written
      : side === 'client'
        ? clientFields(type, conflict)
        : serverFields(type, conflict);
  if (conflict.conflictType !== 'DELETION_CONFLICT') return { operation: 'UPDATE', fields };
  const isDead = record.tombstone !== null;
  const wantsLife = side === 'data' || (side === 'client') !== conflict.clientDeletes;
  if (!wantsLife) return isDead ? null : { operation: 'DELETE', fields: {} };
  // The server's side of a deletion is the record as it is.
  const edits = side === 'server' ? {} : fields;
  return isDead || Object.keys(edits).length > 0 ? { operation: 'UPDATE', fields: edits } : null;
}
