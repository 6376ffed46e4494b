/**
 * Rung 9 for one change: place and authorize once more on the locked rows, answer a known receipt, then ask the rules,
 * look at the parent that the record gets, and carry the verdict out on the working copy.
 */
import { decide, type EntityType, type RecordState, roleReaches, type Verdict } from '@ackord/core';
import { authorize } from './authorize.ts';
import { underCanonicalId, withHiddenIds } from './canonical.ts';
import { carryOut, takesTooMany } from './carry-out.ts';
import { answer, type Decision, elsewhere } from './decision.ts';
import { findParent, newParentOf } from './find-parent.ts';
import { hasNoParent } from './graves.ts';
import { keepReceipt } from './keep-receipt.ts';
import { parentOf, scopeOfTenantRecord, userScope } from './place.ts';
import type { WaitingChange } from './ports.ts';
import { acknowledged, isAcknowledged, rejectedReceipt, retryReceipt, unpackReceipt } from './receipts.ts';
import { asInClosedScope, type Rules, situationOf } from './situation-of.ts';
import type { Receipt } from './submission.ts';
import { type ChangeTask, recordKey } from './unit.ts';
import { inOrderOfWaiting, isCreate } from './wait-payload.ts';
import { cancelWaiting, endWaits, waitForParent } from './waiting.ts';
import type { WorkingCopy } from './working-copy.ts';

export function decideChange(copy: WorkingCopy, task: ChangeTask, rules: Rules): Decision {
  const known = knownReceipt(copy, task);
  const decision = known ? answer(known) : decideAnew(copy, task, rules);
  // What needs a record whose CREATE was refused fails with it.
  if (
    decision.kind === 'receipt' &&
    decision.receipt.status === 'rejected' &&
    task.change.operation === 'CREATE'
  )
    task.call.failed.add(recordKey(task.change.type, task.change.id));
  return decision;
}

function decideAnew(copy: WorkingCopy, sent: ChangeTask, rules: Rules): Decision {
  const { call } = sent;
  if (sent.resumes !== null && waitIsOver(copy, sent.resumes)) {
    copy.endWaiting(sent.resumes.id);
    return answer(acknowledged(sent, { status: 'conflict', record: null, stands: false }));
  }
  const key = recordKey(sent.change.type, sent.change.id);
  if (call.delayed.has(key)) return answer(retryReceipt(sent, 'INTERNAL'));
  // An alias lies in the scope of the record that it stands for, so this place is that record's too.
  const filed = copy.locate(sent.change.type, sent.change.id)?.scope ?? null;
  if (filed !== null && !copy.has(filed) && !call.closedTo.has(filed)) return elsewhere(filed);
  const isForeign = filed !== null && (!copy.has(filed) || copy.role(filed, call.actor) === null);
  if (isForeign && makesRecord(sent)) return answer(rejectedReceipt(sent, 'FORBIDDEN'));

  const found = isForeign ? null : recordOf(copy, sent);
  const waits = waitsBefore(copy, sent, call.waiting.get(key));
  if (sent.change.operation === 'CREATE')
    return decideCreate(copy, sent, found, waits.filter(isCreate), rules);
  if (found) return decideOnRecord(copy, sent, found, waits, rules);
  if (waits[0] && sent.change.operation === 'DELETE') return cancelWaiting(copy, sent, waits);
  // What makes the record waits, so its later changes queue behind.
  if (waits[0]) return waitForParent(copy, sent, waits[0].parent);
  if (call.failed.has(key)) return answer(rejectedReceipt(sent, 'DEPENDENCY_FAILED'));
  return decideOnNothing(copy, sent, rules);
}

/** A CREATE never queues: it names a parent of its own. Where that is there, the earlier one that waits is over. */
function decideCreate(
  copy: WorkingCopy,
  sent: ChangeTask,
  found: Found | null,
  outdated: readonly WaitingChange[],
  rules: Rules,
): Decision {
  const mine = userScope(sent.call.actor);
  if (outdated.length > 0 && !copy.has(mine)) return elsewhere(mine);
  const decision = found ? decideOnRecord(copy, sent, found, [], rules) : decideOnNothing(copy, sent, rules);
  const isMade =
    decision.kind === 'receipt' && isAcknowledged(decision.receipt) && decision.receipt.version !== null;
  if (isMade) endWaits(copy, sent, outdated);
  return decision;
}

/** Changes of the record that wait longer than this one. What waited when it was sent may have been decided since. */
const waitsBefore = (
  copy: WorkingCopy,
  { resumes }: ChangeTask,
  waiting: readonly WaitingChange[] = [],
): readonly WaitingChange[] =>
  waiting.filter((one) => !waitIsOver(copy, one) && (resumes === null || inOrderOfWaiting(one, resumes) < 0));

/** Would the change make a record, if there were none? Then a foreign one can't be passed over. */
const makesRecord = ({ change }: ChangeTask): boolean =>
  change.operation === 'CREATE' || (change.operation === 'UPDATE' && change.base === null);

interface Found {
  readonly task: ChangeTask;
  readonly record: RecordState;
}

/** The record and the change in its terms; null: there is none. */
function recordOf(copy: WorkingCopy, sent: ChangeTask): Found | null {
  const task = underCanonicalId(copy, sent);
  const record = copy.record(task.change.type, task.change.id);
  return record && { task: withHiddenIds(copy, task, record), record: asInClosedScope(copy, record) };
}

function decideOnRecord(
  copy: WorkingCopy,
  sent: ChangeTask,
  { task, record }: Found,
  waits: readonly WaitingChange[],
  rules: Rules,
): Decision {
  const { change, call } = task;
  const type = copy.registry.type(change.type);
  const queued = change.operation === 'DELETE' ? waits : [];
  if (queued.length > 0 && !copy.has(userScope(call.actor))) return elsewhere(userScope(call.actor));
  if (!authorize(copy, type, task, record, record.scope)) return answer(rejectedReceipt(sent, 'FORBIDDEN'));
  if (change.origin === 'resolution' && change.operation !== 'DELETE' && hasNoParent(copy, record)) {
    const detail = 'What the record belongs to is deleted too; bring that back first.';
    return answer(rejectedReceipt(sent, 'STRATEGY_IMPOSSIBLE', detail));
  }
  const verdict = decide(situationOf(copy, task, type, record, record.scope, rules));
  const target = newParentOf(copy, type, record, verdict);
  if (target) {
    const parent = findParent(copy, task, target);
    if (parent.kind === 'missing') return parent.decision;
    if (!roleReaches(copy.role(parent.record.scope, call.actor), type.access.write))
      return answer(rejectedReceipt(sent, 'FORBIDDEN'));
  }
  const receipt = conclude(copy, sent, task, type, record, record.scope, verdict, null);
  if (isAcknowledged(receipt)) endWaits(copy, task, queued);
  return answer(receipt);
}

function decideOnNothing(copy: WorkingCopy, sent: ChangeTask, rules: Rules): Decision {
  const task = underCanonicalId(copy, sent);
  const { change, call } = task;
  const type = copy.registry.type(change.type);
  const owner = change.operation === 'DELETE' ? null : parentOf(type, task);
  let scope = scopeOfNew(type, task);
  if (owner) {
    const parent = findParent(copy, task, owner);
    if (parent.kind === 'missing') return parent.decision;
    scope = parent.record.scope;
  }
  if (scope !== null && !copy.has(scope))
    return call.closedTo.has(scope) ? answer(rejectedReceipt(sent, 'FORBIDDEN')) : elsewhere(scope);
  if (!authorize(copy, type, task, null, scope)) return answer(rejectedReceipt(sent, 'FORBIDDEN'));
  // A tenant that is deleted takes nothing new: nobody would ever see it.
  if (type.scope === 'tenant' && scope !== null && copy.closed.has(scope))
    return answer(rejectedReceipt(sent, 'FORBIDDEN'));

  const verdict = decide(situationOf(copy, task, type, null, scope, rules));
  if (verdict.kind !== 'alias') return answer(conclude(copy, sent, task, type, null, scope, verdict, null));
  const base = change.base === null ? null : 0;
  const onHolder: ChangeTask = { ...task, change: { ...change, base, operation: 'UPDATE' } };
  const again = decide(situationOf(copy, onHolder, type, verdict.of, scope, rules));
  return answer(conclude(copy, sent, task, type, verdict.of, scope, again, verdict.of));
}

function conclude(
  copy: WorkingCopy,
  sent: ChangeTask,
  task: ChangeTask,
  type: EntityType,
  record: RecordState | null,
  scope: string | null,
  verdict: Verdict,
  alias: RecordState | null,
): Receipt {
  switch (verdict.kind) {
    case 'rejected':
      return rejectedReceipt(sent, verdict.code, verdict.detail, verdict.field);
    case 'alias':
      throw new Error('A record that holds a unique key cannot be an alias itself');
    case 'unchanged':
    case 'decided': {
      if (record && takesTooMany(copy, record, verdict)) return rejectedReceipt(sent, 'CASCADE_TOO_LARGE');
      const receipt = carryOut(copy, sent, task, type, record, scope, verdict, alias);
      keepReceipt(copy, sent, receipt, scope ?? userScope(task.call.actor));
      return receipt;
    }
  }
}

/** A change that waited may be released by several servers at once, or given up meanwhile: it is decided once. */
const waitIsOver = (copy: WorkingCopy, { conflictId }: WaitingChange): boolean =>
  (copy.conflicts.get(conflictId)?.status ?? 'pending') !== 'pending';

/** The receipt of a change that was decided before; one with other content is refused. */
function knownReceipt(copy: WorkingCopy, task: ChangeTask): Receipt | null {
  if (task.resumes !== null) return null;
  const stored = copy.receipt(task.call.actor, task.change.changeId);
  if (!stored) return null;
  if (stored.fingerprint !== task.fingerprint) return rejectedReceipt(task, 'CHANGE_ID_REUSED');
  const receipt = unpackReceipt(task, stored.body);
  const id = receipt.canonicalId ?? receipt.entityId;
  if (receipt.version !== null)
    copy.noteWriter({ type: task.change.type, id }, receipt.version, task.call.actor);
  return receipt;
}

/** Where a record lies that has no parent. Only a CREATE makes the scope that it is the root of. */
function scopeOfNew(type: EntityType, { change, call }: ChangeTask): string | null {
  if (typeof type.scope === 'object')
    return change.operation === 'CREATE' ? `${type.scope.root}:${change.id}` : null;
  if (type.scope === 'tenant') return scopeOfTenantRecord(change.id);
  return type.scope === 'user' ? userScope(call.actor) : null;
}
