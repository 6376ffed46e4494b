/** Deleting a record: a tombstone for it and for all that it owns, under one deletion, so that one can undo it. */
import { completeFields, derivedUuid, type EntityType, type RecordState, stampBy } from '@ackord/core';
import { lineOf, newRecord } from './lines.ts';
import { closesScope } from './load.ts';
import type { ChangeTask } from './unit.ts';
import type { WorkingCopy } from './working-copy.ts';

export function bury(
  copy: WorkingCopy,
  task: ChangeTask,
  type: EntityType,
  record: RecordState | null,
  scope: string,
  outcome: 'applied' | 'merged' | 'conflict',
): RecordState {
  const { change, call } = task;
  const subject = record ?? unknownRecord(copy, task, type, scope);
  const grave = {
    kind: 'deleted',
    deletion: derivedUuid('deletion', call.actor, change.changeId),
    root: { type: subject.type, id: subject.id },
    time: change.time,
    device: change.device,
    ...(change.madeAt != null && { madeAt: change.madeAt }),
  } as const;
  const entomb = (one: RecordState): RecordState =>
    copy.save(
      { ...one, version: one.version + 1, tombstone: grave, deletedAt: copy.now, updatedBy: call.actor },
      lineOf(task, 'DELETE', outcome, {}),
    );
  if (record !== null && closesScope(copy, record)) {
    copy.close(record.scope);
    copy.note({
      scope: record.scope,
      type: record.type,
      id: record.id,
      version: record.version + 1,
      ...lineOf(task, 'CLOSE', outcome, null),
    });
  } else if (record !== null) {
    // Children first, so that no page has a child whose parent is gone.
    for (const child of copy.descendants(record).reverse()) entomb(child);
  }
  return entomb(subject);
}

/** A blind client deleted what never arrived: a late CREATE must meet the tombstone. */
function unknownRecord(copy: WorkingCopy, task: ChangeTask, type: EntityType, scope: string): RecordState {
  const { change } = task;
  copy.file({ type: type.key, id: change.id, scope, aliasOf: null });
  const stamp = stampBy(change, 1);
  const record = newRecord(copy, task, type, scope, change.id, {
    fields: completeFields(type, {}),
    clock: { '*': stamp },
    priority: 1,
  });
  return { ...record, version: 0 };
}
