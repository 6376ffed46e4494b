/** Changes whose parent is not there: kept for their writer, and decided when the parent comes. */
import { type Change, derivedUuid } from '@ackord/core';
import type { ConflictView } from './conflict-view.ts';
import { answer, type Decision, elsewhere } from './decision.ts';
import { conflictIdOf } from './journal.ts';
import { keepReceipt } from './keep-receipt.ts';
import { userScope } from './place.ts';
import type { RecordKey, WaitingChange } from './ports.ts';
import { acknowledged, rejectedReceipt } from './receipts.ts';
import { type ChangeTask, recordKey } from './unit.ts';
import type { WorkingCopy } from './working-copy.ts';

/** Keeps the change until the parent is there; bounded per user. */
export function waitForParent(copy: WorkingCopy, task: ChangeTask, parent: RecordKey): Decision {
  const { change, call } = task;
  // It waited already, and its parent went away again before its turn came: it goes on waiting.
  if (task.resumes !== null)
    return answer(acknowledged(task, { status: 'conflict', record: null, stands: false }));
  if (task.transaction !== null) return answer(rejectedReceipt(task, 'DEPENDENCY_FAILED'));
  // What waits lies in its writer's own scope; how much that is, is counted when it is needed.
  if (!copy.has(userScope(call.actor)) || call.waitingRoom === null) return elsewhere(userScope(call.actor));
  if (call.waitingRoom <= 0) return answer(rejectedReceipt(task, 'TOO_MANY_WAITING'));
  call.waitingRoom--;
  const conflict = dependencyConflict(copy, task, parent);
  copy.keepConflict(conflict);
  const key = recordKey(change.type, change.id);
  const queued = call.waiting.get(key) ?? [];
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
      place: queued.length,
    } satisfies WaitingPayload,
    createdAt: copy.now,
  };
  copy.keepWaiting(waiting);
  call.waiting.set(key, [...queued, waiting]);
  const receipt = acknowledged(task, { status: 'conflict', record: null, conflict, stands: false });
  keepReceipt(copy, task, receipt, userScope(call.actor));
  return answer(receipt);
}

/** What is kept of a waiting change and its submission. */
export interface WaitingPayload {
  readonly domain: string;
  readonly device: string | null;
  readonly batchId: string;
  readonly origin: Change['origin'];
  readonly raw: unknown;
  readonly changeId: string;
  readonly id: string;
  readonly time: number;
  /** How many changes of the record it queues behind: many may be kept at one moment. */
  readonly place: number;
}

/** A DELETE of a record that only waits: it will not be made. */
export function cancelWaiting(
  copy: WorkingCopy,
  task: ChangeTask,
  queued: readonly WaitingChange[],
): Decision {
  const mine = userScope(task.call.actor);
  if (!copy.has(mine)) return elsewhere(mine);
  endWaits(copy, task, queued);
  const receipt = acknowledged(task, { status: 'applied', record: null });
  keepReceipt(copy, task, receipt, mine);
  return answer(receipt);
}

/** What waits for the record is given up. */
export function endWaits(
  copy: WorkingCopy,
  { change, call }: ChangeTask,
  queued: readonly WaitingChange[],
): void {
  for (const { id, conflictId } of queued) {
    copy.endWaiting(id);
    const conflict = copy.conflicts.get(conflictId);
    if (conflict)
      copy.keepConflict({ ...conflict, status: 'superseded', resolvedAt: copy.now, resolvedBy: call.actor });
  }
  if (queued.length > 0) call.waiting.delete(recordKey(change.type, change.id));
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
    rival: null,
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
