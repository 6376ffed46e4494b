/** The hard parent that a change needs: there and open to the caller, or one answer for all other cases. */
import { type EntityType, type RecordState, roleReaches, type Verdict } from '@ackord/core';
import { answer, type Decision, elsewhere } from './decision.ts';
import type { RecordKey } from './ports.ts';
import { rejectedReceipt, retryReceipt } from './receipts.ts';
import { type ChangeTask, recordKey } from './unit.ts';
import { waitForParent } from './waiting.ts';
import type { WorkingCopy } from './working-copy.ts';

export type Parent =
  | { readonly kind: 'there'; readonly record: RecordState }
  | { readonly kind: 'missing'; readonly decision: Decision };

const missing = (decision: Decision): Parent => ({ kind: 'missing', decision });

/**
 * Unknown, gone and forbidden parents have one answer: the change waits for them. What waits goes on with it also where
 * its writer may only read: access was taken and given back in part, and may be given in full.
 */
export function findParent(copy: WorkingCopy, task: ChangeTask, parent: RecordKey): Parent {
  const { call } = task;
  const location = copy.locate(parent.type, parent.id);
  if (location && !copy.has(location.scope) && !call.closedTo.has(location.scope))
    return missing(elsewhere(location.scope));
  const record = copy.record(parent.type, parent.id);
  const isOpen = record !== null && record.tombstone === null && !copy.closed.has(record.scope);
  const least =
    task.resumes === null
      ? copy.registry.type(parent.type).access.read
      : copy.registry.type(task.change.type).access.write;
  if (isOpen && roleReaches(copy.role(record.scope, call.actor), least)) return { kind: 'there', record };
  if (call.failed.has(recordKey(parent.type, parent.id))) {
    return missing(answer(rejectedReceipt(task, 'DEPENDENCY_FAILED', `It needs ${parent.id}.`)));
  }
  if (call.delayed.has(recordKey(parent.type, parent.id)))
    return missing(answer(retryReceipt(task, 'INTERNAL')));
  return missing(waitForParent(copy, task, parent));
}

/**
 * Where a decided change takes a record that is there, or null: it stays. Asked of the verdict, not of what was sent:
 * an old parent in a whole row is no move, and one that lost is none either.
 */
export function newParentOf(
  copy: WorkingCopy,
  type: EntityType,
  record: RecordState | null,
  verdict: Verdict,
): RecordKey | null {
  if (!type.owner || record === null || verdict.kind !== 'decided' || verdict.act.kind !== 'put') return null;
  const id = copy.ownerOf({ type: type.key, fields: verdict.act.fields });
  return id === null || id === copy.ownerOf(record) ? null : { type: type.owner.type, id };
}
