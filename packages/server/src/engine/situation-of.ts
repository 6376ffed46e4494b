/** What the rules are told about a change: its record, and what the batch has read and decided of it. */
import type { ConflictStrategy, EntityType, RecordState, Situation } from '@ackord/core';
import { hasNoParent } from './graves.ts';
import { seenBy } from './last-read.ts';
import { parentOf, rootOfScope } from './place.ts';
import { changedByOthers } from './rivals.ts';
import type { ChangeTask } from './unit.ts';
import { waitedSince } from './wait-payload.ts';
import type { WorkingCopy } from './working-copy.ts';

export interface Rules {
  /** The strategy where neither group, type nor domain has one. */
  readonly strategy: (type: EntityType) => ConflictStrategy;
  /** Tombstones that were made before this moment are beyond the horizon. */
  readonly horizon: (now: number) => number;
  /** This life of the database: versions of another one mean nothing. */
  readonly epoch: () => number;
}

export function situationOf(
  copy: WorkingCopy,
  task: ChangeTask,
  type: EntityType,
  record: RecordState | null,
  scope: string | null,
  rules: Rules,
): Situation {
  const { change, call } = task;
  return {
    type,
    change,
    record,
    strategy: rules.strategy(type),
    history:
      record === null || change.base === null ? [] : copy.historyAfter(record.type, record.id, change.base),
    receivedAt: call.receivedAt,
    otherEpoch: change.epoch !== null && change.epoch !== rules.epoch(),
    rootDeleted: record !== null && (rootIsDeleted(copy, record) || hasNoParent(copy, record)),
    beyondHorizon: record?.deletedAt != null && record.deletedAt < rules.horizon(copy.now),
    namedScope:
      scope !== null &&
      (change.operation === 'CREATE' || type.scope === 'tenant' || parentOf(type, task) !== null),
    changedDescendants:
      change.operation === 'DELETE' && record?.tombstone === null ? changedByOthers(copy, task, record) : [],
    holderOf: (uniqueKey) =>
      scope === null ? null : copy.holderOf(scope, type, uniqueKey, record?.id ?? change.id),
    seen: record === null || change.base !== null ? () => false : seenBy(copy, task, record),
    waitedSince: waitedSince(task),
    sameSubmission: (stamp) => record !== null && copy.isOf(call, record, stamp),
  };
}

/** The record that the scope hangs on; null for a scope of a user. */
export function rootRecord(copy: WorkingCopy, scope: string): RecordState | null {
  const root = rootOfScope(copy.registry, scope);
  return root && copy.record(root.type, root.id);
}

export const rootIsDeleted = (copy: WorkingCopy, { scope }: RecordState): boolean =>
  copy.closed.has(scope) || rootRecord(copy, scope)?.tombstone != null;

/** In a scope that was closed by one event, everything was deleted with the root, though nothing else says so. */
export function asInClosedScope(copy: WorkingCopy, record: RecordState): RecordState {
  if (record.tombstone !== null || !copy.closed.has(record.scope)) return record;
  const root = rootRecord(copy, record.scope);
  return root ? { ...record, tombstone: root.tombstone, deletedAt: root.deletedAt } : record;
}
