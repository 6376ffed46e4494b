/**
 * Rung 9 for a person's decision on a conflict. It becomes an ordinary change, made on the record as it is now, and
 * goes through the same rules; the conflict is closed in the same transaction. It works on conflicts that were resolved
 * by themselves as well: that is the undo.
 */
import {
  brokenRule,
  canKeepBoth,
  derivedUuid,
  type EntityType,
  equalJson,
  errorText,
  type Fields,
  type RecordState,
  roleReaches,
  validateFields,
} from '@ackord/core';
import type { ConflictResolution, ConflictView, Winner } from './conflict-view.ts';
import { decideChange } from './decide-change.ts';
import type { CallError } from './engine.ts';
import { type GroupMember, membersOf } from './group-member.ts';
import { copyIdOf, keepSecondRecord } from './keep-both.ts';
import { isAcknowledged } from './receipts.ts';
import { movedSince, refreshed } from './resolution-moved.ts';
import {
  changeFor,
  clientFields,
  type Side,
  serverFields,
  sideOf,
  type Wanted,
  writtenFields,
} from './resolution-sides.ts';
import { taskFor } from './resolution-task.ts';
import { asInClosedScope, type Rules, rootIsDeleted } from './situation-of.ts';
import type { ChangeTask, ResolutionTask } from './unit.ts';
import { settleReceipt } from './waiting.ts';
import type { WorkingCopy } from './working-copy.ts';

type Result = Exclude<ResolutionTask['result'], null> | { readonly scopes: readonly string[] };

const refuse = (code: CallError['code'], detail?: string, conflict?: ConflictView): CallError => ({
  ok: false,
  code,
  message: errorText(code, detail),
  ...(conflict && { conflict }),
});

export function decideResolution(copy: WorkingCopy, task: ResolutionTask, rules: Rules): Result {
  const conflict = copy.conflicts.get(task.conflictId);
  if (!conflict || conflict.status === 'superseded') return refuse('FORBIDDEN');
  if (conflict.resolution) return { ok: true, resolution: conflict.resolution };
  if (conflict.conflictType === 'DEPENDENCY_CONFLICT') return discardWaiting(copy, task, conflict);
  const location = copy.locate(conflict.type, conflict.entityId);
  if (!location) return refuse('FORBIDDEN');
  if (!copy.has(location.scope)) return { scopes: [location.scope] };
  const type = copy.registry.type(conflict.type);
  const filed = copy.record(conflict.type, conflict.entityId);
  if (!filed || !roleReaches(copy.role(filed.scope, task.call.actor), type.access.write))
    return refuse('FORBIDDEN');
  return decideOn(copy, task, conflict, type, asInClosedScope(copy, filed), rules);
}

function decideOn(
  copy: WorkingCopy,
  task: ResolutionTask,
  conflict: ConflictView,
  type: EntityType,
  record: RecordState,
  rules: Rules,
): Result {
  const side = sideOf(task, conflict);
  if (side === 'data' && task.resolvedFields === null)
    return refuse('BAD_USER_INPUT', 'MANUAL_RESOLUTION needs resolvedData.');
  const valid = validateFields(type, side === 'data' ? (task.resolvedFields ?? {}) : {});
  if (!valid.ok) return refuse('BAD_USER_INPUT', `resolvedData: ${valid.field} ${valid.message}.`);
  const written = writtenFields(type, conflict, valid.fields);
  if (movedSince(copy, type, record, conflict, written)) {
    const fresh = refreshed(copy, type, record, conflict);
    copy.keepConflict(fresh);
    return refuse('CONFLICT_MOVED', undefined, fresh);
  }
  if (conflict.payload !== null) return resolveGroup(copy, task, conflict, side, rules);
  if (side === 'both') return keepBoth(copy, task, conflict, type, record);
  const wanted = changeFor(type, conflict, record, side, written);
  if (wanted) {
    const refusal = make(copy, task, [{ wanted, of: conflict, record }], rules);
    if (refusal) return refusal;
  }
  return close(copy, task, conflict, side === 'data' ? 'mixed' : side, null);
}

interface Made {
  readonly wanted: Wanted;
  readonly of: Pick<ConflictView, 'id' | 'type' | 'entityId'>;
  readonly record: RecordState | null;
}

/** Makes the changes, all or none; a change that would not be made as it is wanted is refused. */
function make(copy: WorkingCopy, task: ResolutionTask, all: readonly Made[], rules: Rules): Result | null {
  copy.mark();
  for (const { wanted, of, record } of all) {
    const change = taskFor(task, of, wanted, record);
    const problem = mayRestore(copy, change, record) ? makeOne(copy, change, rules) : refuse('FORBIDDEN');
    if (!problem) continue;
    copy.rollBackPart();
    return problem;
  }
  copy.keepPart();
  return null;
}

function makeOne(copy: WorkingCopy, change: ChangeTask, rules: Rules): Result | null {
  const decision = decideChange(copy, change, rules);
  if (decision.kind === 'elsewhere') return { scopes: decision.scopes };
  const { receipt } = decision;
  if (!isAcknowledged(receipt)) return refuse(receipt.code, receipt.message);
  if (receipt.stands) return null;
  const waits = receipt.conflict?.conflictType === 'DEPENDENCY_CONFLICT';
  const reason = waits
    ? 'The record that it would belong to is not there, or not yours.'
    : 'The record was deleted too long ago, or can only come back where it was.';
  return refuse('STRATEGY_IMPOSSIBLE', reason);
}

/** Whatever is brought back in a scope whose root is deleted brings back the root: that is its owners' to decide. */
function mayRestore(copy: WorkingCopy, { change, call }: ChangeTask, record: RecordState | null): boolean {
  if (!record || record.tombstone === null || change.operation === 'DELETE') return true;
  return !rootIsDeleted(copy, record) || copy.role(record.scope, call.actor) === 'OWNER';
}

function keepBoth(
  copy: WorkingCopy,
  task: ResolutionTask,
  conflict: ConflictView,
  type: EntityType,
  record: RecordState,
): Result {
  const impossible =
    conflict.clientDeletes || conflict.server === null || record.tombstone !== null || !canKeepBoth(type);
  if (impossible)
    return refuse(
      'STRATEGY_IMPOSSIBLE',
      'A second record needs two sides that are there, and a type that allows it.',
    );
  // Where the client's values stand already, it is the server's former ones that become the second record.
  const clients = clientFields(type, conflict);
  const clientStands = Object.keys(clients).every((name) => equalJson(record.fields[name], clients[name]));
  const fields: Fields = {
    ...record.fields,
    ...(clientStands ? serverFields(type, conflict) : clients),
  };
  const broken = brokenRule(type, fields);
  if (broken) return refuse('STRATEGY_IMPOSSIBLE', `${broken.message}.`);
  const creation = taskFor(task, conflict, { operation: 'CREATE', fields }, null);
  if (!keepSecondRecord(copy, creation, type, record, fields, conflict.id))
    return refuse(
      'STRATEGY_IMPOSSIBLE',
      'What must be unique is taken, also under the name of a second record.',
    );
  return close(copy, task, conflict, 'both', copyIdOf(conflict.id));
}

/** A transaction group that was kept as one conflict: its edits are made now, on the records as they are. */
function resolveGroup(
  copy: WorkingCopy,
  task: ResolutionTask,
  conflict: ConflictView,
  side: Side,
  rules: Rules,
): Result {
  if (side === 'data' || side === 'both')
    return refuse('STRATEGY_IMPOSSIBLE', 'A transaction group is taken as it was sent, or left.');
  // Its changes are its writer's, and some may lie where nobody else may write.
  if (side === 'client' && conflict.actor !== task.call.actor) return refuse('FORBIDDEN');
  if (side === 'client') {
    const all = membersOf(conflict.payload).map((member) => madeOf(copy, conflict, member));
    const refusal = make(copy, task, all, rules);
    if (refusal) return refusal;
  }
  return close(copy, task, conflict, side, null);
}

function madeOf(
  copy: WorkingCopy,
  conflict: ConflictView,
  { type, id, operation, fields }: GroupMember,
): Made {
  const record = copy.record(type, copy.canonical(type, id));
  return {
    wanted: { operation: record ? operation : 'CREATE', fields },
    of: { id: derivedUuid(conflict.id, type, id), type, entityId: id },
    record,
  };
}

/** A change that waits for a parent can only be given up; it is applied by itself when the parent comes. */
function discardWaiting(copy: WorkingCopy, task: ResolutionTask, conflict: ConflictView): Result {
  if (conflict.actor !== task.call.actor) return refuse('FORBIDDEN');
  if (conflict.status !== 'pending')
    return refuse('STRATEGY_IMPOSSIBLE', 'The change does not wait any more; it may be sent anew.');
  if (task.strategy !== 'FIRST_WRITE_WINS') {
    return refuse(
      'STRATEGY_IMPOSSIBLE',
      'The change waits for its parent and is applied when that comes; until then it can only be given up.',
    );
  }
  copy.endWaiting(derivedUuid('waiting', conflict.actor, conflict.changeId));
  const result = close(copy, task, conflict, 'server', null);
  settleReceipt(copy, copy.conflicts.get(conflict.id) ?? conflict);
  return result;
}

function close(
  copy: WorkingCopy,
  task: ResolutionTask,
  conflict: ConflictView,
  winner: Winner,
  newEntityId: string | null,
): Result {
  const resolution: ConflictResolution = {
    conflictId: conflict.id,
    type: conflict.type,
    strategy: task.strategy,
    resolvedData: winner === 'mixed' ? task.resolvedFields : null,
    resolvedAt: copy.now,
    resolvedBy: task.call.actor,
    newEntityId,
    version: copy.record(conflict.type, conflict.entityId)?.version ?? null,
  };
  copy.keepConflict({
    ...conflict,
    status: 'resolved',
    winner,
    resolvedAt: copy.now,
    resolvedBy: task.call.actor,
    resolution,
  });
  return { ok: true, resolution };
}
