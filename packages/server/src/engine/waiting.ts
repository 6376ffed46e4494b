/** Changes whose parent is not there: kept for their writer, and decided when the parent comes. */
import { derivedUuid, type RecordState } from '@ackord/core';
import type { ConflictView, Winner } from './conflict-view.ts';
import { answer, type Decision, elsewhere } from './decision.ts';
import { conflictIdOf } from './journal.ts';
import { keepReceipt } from './keep-receipt.ts';
import { userScope } from './place.ts';
import type { RecordKey, WaitingChange } from './ports.ts';
import { acknowledged, isAcknowledged, packedLoss, rejectedReceipt } from './receipts.ts';
import type { Acknowledged, Receipt } from './submission.ts';
import { type ChangeTask, recordKey } from './unit.ts';
import type { WaitingPayload } from './wait-payload.ts';
import type { WorkingCopy } from './working-copy.ts';

/** Keeps the change until the parent is there; bounded per user. */
export function waitForParent(copy: WorkingCopy, task: ChangeTask, parent: RecordKey): Decision {
  const { change, call } = task;
  // It waited already, and its parent went away again before its turn came: it goes on waiting.
  if (task.resumes !== null)
    return answer(acknowledged(task, { status: 'conflict', record: null, stands: false }));
  if (task.transaction !== null)
    return answer(rejectedReceipt(task, 'DEPENDENCY_FAILED', `It needs ${parent.id}.`));
  // A caller that is told of one record at a time can't be told that it will be made some day.
  if (change.origin === 'legacy' || change.origin === 'server')
    return answer(rejectedReceipt(task, 'FORBIDDEN'));
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
      raw: task.raw,
      changeId: change.changeId,
      id: change.id,
      time: change.time,
      place: queued.length,
      version: recordNow(copy, task)?.version ?? 0,
    } satisfies WaitingPayload,
    createdAt: copy.now,
  };
  copy.keepWaiting(waiting);
  call.waiting.set(key, [...queued, waiting]);
  const receipt = acknowledged(task, { status: 'conflict', record: null, conflict, stands: false });
  keepReceipt(copy, task, receipt, userScope(call.actor));
  return answer(receipt);
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

/** Its writer made it otherwise or deletes it: what waits for the record is given up, and stays listed with what was sent. */
export function endWaits(
  copy: WorkingCopy,
  { change, call }: ChangeTask,
  queued: readonly WaitingChange[],
): void {
  for (const waiting of queued) {
    copy.endWaiting(waiting.id);
    const conflict = copy.conflicts.get(waiting.conflictId);
    if (conflict) loseWaiting(copy, conflict, call.actor);
  }
  const key = recordKey(change.type, change.id);
  const rest = (call.waiting.get(key) ?? []).filter((waiting) => !queued.includes(waiting));
  if (queued.length > 0) call.waiting.set(key, rest);
}

/** A change that waited has been decided: its wait and its conflict end. */
export function endWait(copy: WorkingCopy, waiting: WaitingChange, receipt: Receipt): void {
  copy.endWaiting(waiting.id);
  const conflict = copy.conflicts.get(waiting.conflictId);
  if (conflict?.status !== 'pending') return;
  if (!isAcknowledged(receipt)) loseWaiting(copy, conflict, 'system');
  // What it met has a conflict of its own, with both sides.
  else if (!receipt.stands && receipt.conflict)
    copy.keepConflict({ ...conflict, status: 'superseded', resolvedAt: copy.now });
  else copy.keepConflict({ ...conflict, ...resolved(copy, 'system'), winner: winnerOf(receipt) });
}

/** Later edits of its own device go before what waited. */
const winnerOf = ({ stands, mergedFields }: Acknowledged): Winner =>
  stands ? 'client' : mergedFields.length > 0 ? 'mixed' : 'server';

/** Nothing of the change was applied, and nothing will be: whoever sends it again is told so. */
function loseWaiting(copy: WorkingCopy, conflict: ConflictView, by: string): void {
  const lost: ConflictView = { ...conflict, ...resolved(copy, by), winner: 'server' };
  copy.keepConflict(lost);
  settleReceipt(copy, lost);
}

const resolved = (copy: WorkingCopy, by: string) =>
  ({ status: 'resolved', resolvedAt: copy.now, resolvedBy: by }) as const;

/** The receipt which said that the change waits says from now on how that ended. */
export function settleReceipt(copy: WorkingCopy, conflict: ConflictView): void {
  const { actor, changeId, scope } = conflict;
  copy.replaceReceipt({ actor, changeId, scope, body: packedLoss(conflict) });
}

/** Only as its writer may see it: others of the same batch may have brought along what lies where it has no role. */
function recordNow(copy: WorkingCopy, { change, call }: ChangeTask): RecordState | null {
  const record = copy.record(change.type, copy.canonical(change.type, change.id));
  return record && copy.role(record.scope, call.actor) !== null ? record : null;
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
    // It lies in its writer's own scope, and would outlive the writer's access to the record.
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
