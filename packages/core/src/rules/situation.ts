/** All that the rules may know when they decide a change: the locked state, read by the engine beforehand. */
import type { EntityType } from '../schema/define-entity.ts';
import type { Fields, JsonValue } from '../schema/json.ts';
import type { Change, RecordState, Stamp } from './record.ts';
import type { ConflictStrategy } from './strategies.ts';

/** A line of the record's history: what a version replaced. */
export interface VersionLine {
  readonly version: number;
  readonly at: number;
  readonly before: Fields | null;
}

export interface Situation {
  readonly type: EntityType;
  readonly change: Change;
  /** The record as it is now, a tombstone included; null: never heard of. */
  readonly record: RecordState | null;
  /** The server's strategy, where neither group nor type nor domain has one. */
  readonly strategy: ConflictStrategy;
  /** The record's history after `change.base`, in order of versions; may have gaps where it was trimmed. */
  readonly history: readonly VersionLine[];
  /** When the change arrived, by the clock that stamps history. */
  readonly receivedAt: number;
  /** The change is meant for another life of the database. */
  readonly otherEpoch: boolean;
  /** The root of the record's scope is deleted. */
  readonly rootDeleted: boolean;
  /** The record is a tombstone that is older than history is kept. */
  readonly beyondHorizon: boolean;
  /** The change itself named a scope that its writer may write to. */
  readonly namedScope: boolean;
  /** Live descendants that others changed since the deleter last looked. */
  readonly changedDescendants: readonly RecordState[];
  /** The live record that holds a unique key, other than this one. */
  readonly holderOf: (uniqueKey: string) => RecordState | null;
  /** Blind changes: had the writer seen the current value of the group? */
  readonly seen: (group: string) => boolean;
  /**
   * The version of the record when the change began to wait for a parent: what its device wrote since is later, whatever
   * the edit times say. null: it did not wait.
   */
  readonly waitedSince: number | null;
  /** Was this version written by the same submission? Its changes never conflict with each other. */
  readonly sameSubmission: (stamp: Stamp) => boolean;
}

/**
 * The value that a field had at the change's base: from history, else from what the client sent along.
 * undefined: nobody knows, or the record was not there yet.
 */
export function valueAtBase({
  change,
  record,
  history,
}: Pick<Situation, 'change' | 'record' | 'history'>): (field: string) => JsonValue | undefined {
  const { base, baseFields } = change;
  if (record === null || base === null || base <= 0) return (field) => baseFields?.[field];
  if (!isComplete(history, base, record.version)) return (field) => baseFields?.[field];
  return (field) => {
    const line = history.find(({ before }) => before !== null && before[field] !== undefined);
    return line?.before ? line.before[field] : record.fields[field];
  };
}

/** Is there a line for every version after `base`, up to `last`? */
function isComplete(history: readonly VersionLine[], base: number, last: number): boolean {
  let wanted = base + 1;
  for (const { version } of history) if (version === wanted) wanted++;
  return wanted > last;
}
