/**
 * The words of the rules: a record as the server holds it, and a change as a client wants it.
 * All times are milliseconds since 1970.
 */
import type { Fields, JsonValue } from '../schema/json.ts';

/** Who last changed a merge group, and when by the writer's own (clamped) reckoning. */
export interface Stamp {
  /** The record's version that this change made. */
  readonly version: number;
  readonly time: number;
  /** null: the writer named no device, so it is never the same as another. */
  readonly device: string | null;
  readonly change: string;
  /** When by the device's own clock, where it said so. */
  readonly madeAt?: number;
}

/** A stamp per merge group; groups that are not listed have the stamp under `*`. */
export type FieldClock = { readonly '*': Stamp } & { readonly [group: string]: Stamp };

export type Tombstone =
  | {
      readonly kind: 'deleted';
      /** The deletion that took it: all records that one cascade took share it. */
      readonly deletion: string;
      /** The record whose deletion it was. */
      readonly root: { readonly type: string; readonly id: string };
      readonly time: number;
      readonly device: string | null;
      readonly madeAt?: number;
    }
  /** The record lives on in another scope. */
  | { readonly kind: 'moved' }
  /** The id was merged into another record's. */
  | { readonly kind: 'alias'; readonly of: string };

export interface RecordState {
  readonly scope: string;
  readonly type: string;
  readonly id: string;
  /** +1 per applied change; the wire's syncVersion. */
  readonly version: number;
  /** Position in the scope's log of the last line about it. */
  readonly seq: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly createdBy: string;
  readonly updatedBy: string;
  readonly priority: Priority;
  readonly clock: FieldClock;
  readonly fields: Fields;
  readonly tombstone: Tombstone | null;
  readonly deletedAt: number | null;
  /** Scopes that it has lived in before; its history lies there. */
  readonly formerScopes: readonly string[];
}

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

/** Rank of a record in a filtered sync: 0 LOW, 1 NORMAL, 2 HIGH, 3 CRITICAL. */
export type Priority = 0 | 1 | 2 | 3;

export const PRIORITIES = ['LOW', 'NORMAL', 'HIGH', 'CRITICAL'] as const;

export interface Change {
  readonly changeId: string;
  readonly device: string | null;
  /** Key of the entity type: `travel.Trip`. */
  readonly type: string;
  readonly id: string;
  readonly operation: Operation;
  /** The version that the edit was made on; null: blind, the client keeps no versions. */
  readonly base: number | null;
  /** The epoch that `base` is valid in; null: the current one. */
  readonly epoch: number | null;
  /** What the client sends, in stored form; a field left out is untouched. */
  readonly fields: Fields;
  /** The values that the edit started from, where the client sent them. */
  readonly baseFields: Fields | null;
  readonly priority: Priority | null;
  /** When the edit was made, clamped to the server's clock. */
  readonly time: number;
  readonly clamped: boolean;
  /**
   * When the edit was made, by one clock for all edits of the device: orders what one device wrote, and nothing else. Times
   * that count among devices may be clamped, be those of an older copy, or of a clock that was set right between two
   * edits. null: `time` has to do.
   */
  readonly madeAt?: number | null;
  /** When the edit was made as its sender says, neither clamped nor trusted; null: the type has no stamp. */
  readonly stamp?: number | null;
  /**
   * `client`: a sync client. `legacy`: plain CRUD, which never revives. `resolution`: a person decided a conflict.
   * `server`: the server itself, by order of the actor: it may set the fields that it owns. `restore`: a scope goes back to
   * what it was, by order of an owner; what is deleted comes back whatever the times say.
   */
  readonly origin: 'client' | 'legacy' | 'resolution' | 'server' | 'restore';
  /** Who made a new record and when, where that was elsewhere and earlier. Only ever set by the server itself. */
  readonly created?: { readonly by: string; readonly at: number };
}

/** The stamp that a change leaves on what it writes. */
export const stampBy = ({ time, device, changeId, madeAt = null }: Change, version: number): Stamp => ({
  version,
  time,
  device,
  change: changeId,
  ...(madeAt !== null && { madeAt }),
});

/** How much later than something of the same device a change was made, in milliseconds; below 0: earlier. */
export const laterOnDevice = (
  { time, madeAt }: Pick<Change, 'time' | 'madeAt'>,
  before: Pick<Stamp, 'time' | 'madeAt'>,
): number => (madeAt != null && before.madeAt !== undefined ? madeAt - before.madeAt : time - before.time);

/** The stamp of a merge group. */
export const stampOf = (clock: FieldClock, group: string): Stamp => clock[group] ?? clock['*'];

/** The latest stamp of the record: its last edit. */
export function lastStamp(clock: FieldClock): Stamp {
  let last = clock['*'];
  for (const stamp of Object.values(clock)) if (stamp.version > last.version) last = stamp;
  return last;
}

/** Is the other side surely the same device? */
export const sameDevice = (a: string | null, b: string | null): boolean => a !== null && a === b;

/** The named fields of a record, null where it has none. */
export function pick(
  fields: { readonly [field: string]: JsonValue | undefined },
  names: readonly string[],
): Fields {
  return Object.fromEntries(names.map((name) => [name, fields[name] ?? null]));
}
