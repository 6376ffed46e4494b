/** The conflict journal: no verdict is silent. Both sides are kept, so the loser can be brought back by one call. */
import { type Clash, derivedUuid, lastStamp, type RecordState, stampOf } from '@ackord/core';
import type { ConflictView } from './conflict-view.ts';
import type { ChangeTask } from './unit.ts';
import type { WorkingCopy } from './working-copy.ts';

/** A change that had waited is named by one conflict for its wait, and by another for what it met afterwards. */
export const conflictIdOf = ({ call, change, resumes }: ChangeTask): string =>
  derivedUuid(resumes === null ? 'conflict' : 'conflict after waiting', call.actor, change.changeId);

/** Keeps the conflict of a change. `after`: the record as it stands now. */
export function journal(
  copy: WorkingCopy,
  task: ChangeTask,
  clash: Clash,
  before: RecordState,
  after: RecordState,
  payload: readonly unknown[] | null = null,
): ConflictView {
  const { change, call } = task;
  const pending = clash.winner === null;
  const conflict: ConflictView = {
    id: conflictIdOf(task),
    scope: after.scope,
    type: before.type,
    entityId: before.id,
    conflictType: clash.conflictType,
    status: pending ? 'pending' : 'resolved',
    strategy: clash.strategy,
    winner: clash.winner,
    fields: clash.fields,
    serverVersion: before.version,
    clientVersion: change.base ?? 0,
    base: clash.base,
    server: clash.server,
    client: clash.client,
    clientDeletes: clash.clientDeletes,
    serverTime: clash.serverTime,
    clientTime: clash.clientTime,
    rival: rivalOf(copy, clash, before),
    actor: call.actor,
    device: call.device,
    changeId: change.changeId,
    createdAt: copy.now,
    resolvedAt: pending ? null : copy.now,
    resolvedBy: pending ? null : 'system',
    resolution: null,
    decidedVersion: after.version,
    decidedSeq: copy.heads.get(after.scope) ?? 0,
    payload,
  };
  if (pending) supersede(copy, conflict);
  copy.keepConflict(conflict);
  return conflict;
}

/** Whose value the clash is about: the user of the latest edit of the clashing fields, or of the deletion. */
function rivalOf(copy: WorkingCopy, clash: Clash, record: RecordState): string {
  if (record.tombstone !== null) return record.updatedBy;
  const type = copy.registry.type(record.type);
  const groups = clash.fields.flatMap((field) => type.fields.get(field)?.group ?? []);
  const stamps =
    groups.length > 0 ? groups.map((group) => stampOf(record.clock, group)) : [lastStamp(record.clock)];
  const version = Math.max(...stamps.map((stamp) => stamp.version));
  return copy.authorOf(record.type, record.id, version) ?? record.updatedBy;
}

/**
 * One open conflict per record and device: a newer one takes the place of the older. Not of a change that waits: that is
 * still to be decided, and ends its conflict then.
 */
export function supersede(copy: WorkingCopy, by: ConflictView): void {
  for (const other of copy.conflicts.values()) {
    const same =
      other.type === by.type &&
      other.entityId === by.entityId &&
      other.actor === by.actor &&
      other.device === by.device &&
      other.conflictType !== 'DEPENDENCY_CONFLICT';
    if (same && other.status === 'pending' && other.id !== by.id)
      copy.keepConflict({ ...other, status: 'superseded', resolvedAt: copy.now });
  }
}
