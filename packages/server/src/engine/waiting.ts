/** Changes whose parent is not there: kept for their writer, and decided when the parent comes. */
import { derivedUuid } from '@ackord/core';
import type { ConflictView } from './conflict-view.ts';
import { conflictIdOf } from './journal.ts';
import { keepReceipt } from './keep-receipt.ts';
import { userScope } from './place.ts';
import type { RecordKey, WaitingChange } from './ports.ts';
import { acknowledged, rejectedReceipt } from './receipts.ts';
import type { Receipt } from './submission.ts';
import { type ChangeTask, recordKey } from './unit.ts';
import type { WorkingCopy } from './working-copy.ts';

/** Keeps the change until the parent is there; bounded per user. */
export function waitForParent(copy: WorkingCopy, task: ChangeTask, parent: RecordKey): Receipt {
  const { change, call } = task;
  // It waited already, and its parent went away again before its turn came: it goes on waiting.
  if (task.resumes !== null) return acknowledged(task, { status: 'conflict', record: null, stands: false });
  if (task.transaction !== null) return rejectedReceipt(task, 'DEPENDENCY_FAILED');
  if (call.waitingRoom <= 0) return rejectedReceipt(task, 'TOO_MANY_WAITING');
  call.waitingRoom--;
  const conflict = dependencyConflict(copy, task, parent);
  copy.keepConflict(conflict);
  const waiting: WaitingChange = {
    id: derivedUuid('waiting', call.actor, change.changeId),
    actor: call.actor,
    parent,
    target: { type: change.type, id: change.id },
    conflictId: conflict.id,
    payload: {
      domain: call.domain,
      device: call.device,
      batchId: call.batchId,
      origin: change.origin,
      raw: task.raw,
      changeId: change.changeId,
      id: change.id,
      time: change.time,
    },
    createdAt: copy.now,
  };
  copy.keepWaiting(waiting);
  const key = recordKey(change.type, change.id);
  call.waiting.set(key, [...(call.waiting.get(key) ?? []), waiting]);
  const receipt = acknowledged(task, { status: 'conflict', record: null, conflict, stands: false });
  keepReceipt(copy, task, receipt, userScope(call.actor));
  return receipt;
}

/** A DELETE of a record that only waits: it will not be made. */
export function cancelWaiting(
  copy: WorkingCopy,
  task: ChangeTask,
  waiting: readonly WaitingChange[],
): Receipt {
  const { call, change } = task;
  for (const { id, conflictId } of waiting) {
    copy.endWaiting(id);
    const conflict = copy.conflicts.get(conflictId);
    if (conflict)
      copy.keepConflict({ ...conflict, status: 'superseded', resolvedAt: copy.now, resolvedBy: call.actor });
  }
  call.waiting.delete(recordKey(change.type, change.id));
  const receipt = acknowledged(task, { status: 'applied', record: null });
  keepReceipt(copy, task, receipt, userScope(call.actor));
  return receipt;
}

/** A change that waited has been decided: its wait and its conflict end. */
export function endWait(copy: WorkingCopy, waiting: WaitingChange, applied: boolean): void {
  copy.endWaiting(waiting.id);
  const conflict = copy.conflicts.get(waiting.conflictId);
  if (conflict)
    copy.keepConflict({
      ...conflict,
      status: 'resolved',
      winner: applied ? 'client' : 'server',
      resolvedAt: copy.now,
      resolvedBy: 'system',
    });
}

function dependencyConflict(copy: WorkingCopy, task: ChangeTask, parent: RecordKey): ConflictView {
  const { change, call } = task;
  return {
    id: conflictIdOf(task),
    scope: userScope(call.actor),
    type: change.type,
    entityId: change.id,
    conflictType: 'DEPENDENCY_CONFLICT',
    status: 'pending',
    strategy: 'MANUAL_RESOLUTION',
    winner: null,
    fields: [copy.registry.type(change.type).owner?.field ?? parent.type],
    serverVersion: 0,
    clientVersion: change.base ?? 0,
    base: null,
    server: null,
    client: change.fields,
    clientDeletes: false,
    serverTime: 0,
    clientTime: change.time,
    actor: call.actor,
    device: call.device,
    changeId: change.changeId,
    createdAt: copy.now,
    resolvedAt: null,
    resolvedBy: null,
    resolution: null,
    decidedVersion: 0,
    payload: null,
  };
}
