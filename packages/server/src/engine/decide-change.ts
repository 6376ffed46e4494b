/**
 * Rung 9 for one change: place and authorize once more on the locked rows, answer a known receipt, look at the parent,
 * then ask the rules and carry the verdict out on the working copy.
 */
import {
  type ConflictStrategy,
  decide,
  type EntityType,
  errorText,
  type RecordState,
  roleReaches,
  type Situation,
  type Verdict,
} from '@ackord/core';
import { authorize } from './authorize.ts';
import { carryOut } from './carry-out.ts';
import { hasNoParent } from './graves.ts';
import { keepReceipt } from './keep-receipt.ts';
import { parentOf, userScope } from './place.ts';
import { acknowledged, rejectedReceipt, retryReceipt, unpackReceipt } from './receipts.ts';
import { changedByOthers } from './rivals.ts';
import type { Receipt } from './submission.ts';
import { type ChangeTask, recordKey } from './unit.ts';
import { cancelWaiting, waitForParent } from './waiting.ts';
import type { WorkingCopy } from './working-copy.ts';

/** `elsewhere`: the change needs scopes that are not locked; the whole unit goes back to its lanes. */
export type Decision =
  | { readonly kind: 'receipt'; readonly receipt: Receipt }
  | { readonly kind: 'elsewhere'; readonly scopes: readonly string[] };

/** What lies in somebody else's scope is not there for this caller. */
const elsewhere = (task: ChangeTask, scope: string): Decision =>
  task.call.closedTo.has(scope)
    ? answer(rejectedReceipt(task, 'FORBIDDEN'))
    : { kind: 'elsewhere', scopes: [scope] };

const answer = (receipt: Receipt): Decision => ({ kind: 'receipt', receipt });

export interface Rules {
  /** The strategy where neither group, type nor domain has one. */
  readonly strategy: (type: EntityType) => ConflictStrategy;
  /** Tombstones that were made before this moment are beyond the horizon. */
  readonly horizon: (now: number) => number;
}

export function decideChange(copy: WorkingCopy, sent: ChangeTask, rules: Rules): Decision {
  const known = knownReceipt(copy, sent);
  if (known) return answer(known);
  if (waitIsOver(copy, sent))
    return answer(acknowledged(sent, { status: 'conflict', record: null, stands: false }));
  if (sent.call.delayed.has(recordKey(sent.change.type, sent.change.id)))
    return answer(retryReceipt(sent, 'INTERNAL'));
  // An alias lies in the scope of the record that it stands for, so this place is that record's too.
  const filed = copy.locate(sent.change.type, sent.change.id);
  if (filed && !copy.has(filed.scope)) return elsewhere(sent, filed.scope);
  const task = underCanonicalId(copy, sent);
  const { change } = task;
  const type = copy.registry.type(change.type);

  const record = copy.record(change.type, change.id);
  const parent = parentOf(type, task);
  const queued = task.call.waiting.get(recordKey(change.type, change.id));
  if (record === null && queued?.[0] && task.resumes === null) {
    return answer(
      change.operation === 'DELETE'
        ? cancelWaiting(copy, task, queued)
        : waitForParent(copy, task, queued[0].parent),
    );
  }
  if (record === null && task.call.failed.has(recordKey(change.type, change.id))) {
    return answer(rejectedReceipt(task, 'DEPENDENCY_FAILED'));
  }
  let scope = record?.scope ?? null;
  const needsParent =
    parent !== null &&
    change.operation !== 'DELETE' &&
    record?.tombstone == null &&
    copy.ownerOf(record ?? { type: change.type, fields: {} }) !== parent.id;
  if (needsParent) {
    const found = findParent(copy, task, parent);
    if (found.kind !== 'there')
      return found.kind === 'elsewhere' ? elsewhere(task, found.scope) : answer(found.receipt);
    if (record === null) scope = found.record.scope;
    else if (!roleReaches(copy.role(found.record.scope, task.call.actor), type.access.write))
      return answer(rejectedReceipt(task, 'FORBIDDEN'));
  }
  scope ??= scopeOfNew(type, task);
  if (scope !== null && !copy.has(scope)) return elsewhere(task, scope);
  if (!authorize(copy, type, task, record, scope)) return answer(rejectedReceipt(task, 'FORBIDDEN'));

  if (
    change.origin === 'resolution' &&
    change.operation !== 'DELETE' &&
    record &&
    hasNoParent(copy, record)
  ) {
    const detail = 'What the record belongs to is deleted too; bring that back first.';
    return answer(rejectedReceipt(task, 'STRATEGY_IMPOSSIBLE', detail));
  }

  let verdict = decide(situationOf(copy, task, type, record, scope, rules));
  let on = record;
  let alias: RecordState | null = null;
  if (verdict.kind === 'alias') {
    alias = on = verdict.of;
    const underBaseZero = {
      ...task,
      change: { ...change, base: change.base === null ? null : 0, operation: 'UPDATE' as const },
    };
    verdict = decide(situationOf(copy, underBaseZero, type, on, scope, rules));
  }
  return answer(conclude(copy, sent, task, type, on, scope, verdict, alias));
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
      if (sent.change.operation === 'CREATE' && verdict.code !== 'CHANGE_ID_REUSED')
        task.call.failed.add(recordKey(task.change.type, task.change.id));
      return rejectedReceipt(sent, verdict.code, verdict.detail, verdict.field);
    case 'alias':
      throw new Error('A record that holds a unique key cannot be an alias itself');
    case 'unchanged':
    case 'decided': {
      const receipt = carryOut(copy, sent, task, type, record, scope, verdict, alias);
      keepReceipt(copy, sent, receipt, scope ?? userScope(task.call.actor));
      return receipt;
    }
  }
}

/** A change that waited may be released by several servers at once, or given up meanwhile: it is decided once. */
const waitIsOver = (copy: WorkingCopy, { resumes }: ChangeTask): boolean =>
  resumes !== null && (copy.conflicts.get(resumes.conflictId)?.status ?? 'pending') !== 'pending';

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

/**
 * The change under the ids that its record and its references live under today. An edit of an alias is an edit of the
 * record that it stands for, made without having seen that one: base 0. A deletion ends the alias only.
 */
function underCanonicalId(copy: WorkingCopy, task: ChangeTask): ChangeTask {
  const { change } = task;
  const type = copy.registry.type(change.type);
  let fields = change.fields;
  for (const field of type.fields.values()) {
    const value = fields[field.name];
    if (!field.reference || value === undefined || value === null) continue;
    const to = field.reference.type;
    const ids = Array.isArray(value)
      ? [...new Set(value.map((id) => copy.canonical(to, String(id))))]
      : copy.canonical(to, String(value));
    if (JSON.stringify(ids) !== JSON.stringify(value)) fields = { ...fields, [field.name]: ids };
  }
  const id = change.operation === 'DELETE' ? change.id : copy.canonical(change.type, change.id);
  if (id === change.id && fields === change.fields) return task;
  const base = id === change.id || change.base === null ? change.base : 0;
  return { ...task, change: { ...change, id, base, fields } };
}

type Parent =
  | { kind: 'there'; record: RecordState }
  | { kind: 'elsewhere'; scope: string }
  | { kind: 'missing'; receipt: Receipt };

/** A hard parent that is live and open to the caller; unknown, gone and forbidden ones have one answer. */
function findParent(copy: WorkingCopy, task: ChangeTask, parent: { type: string; id: string }): Parent {
  const location = copy.locate(parent.type, parent.id);
  if (location && !copy.has(location.scope) && !task.call.closedTo.has(location.scope))
    return { kind: 'elsewhere', scope: location.scope };
  const record = copy.record(parent.type, parent.id);
  const open = record !== null && record.tombstone === null && !copy.closed.has(record.scope);
  if (
    open &&
    roleReaches(copy.role(record.scope, task.call.actor), copy.registry.type(parent.type).access.read)
  )
    return { kind: 'there', record };
  if (task.call.failed.has(recordKey(parent.type, parent.id))) {
    task.call.failed.add(recordKey(task.change.type, task.change.id));
    return {
      kind: 'missing',
      receipt: rejectedReceipt(
        task,
        'DEPENDENCY_FAILED',
        `${errorText('DEPENDENCY_FAILED').split('.')[0]}: ${parent.id}.`,
      ),
    };
  }
  if (task.call.delayed.has(recordKey(parent.type, parent.id)))
    return { kind: 'missing', receipt: retryReceipt(task, 'INTERNAL') };
  return { kind: 'missing', receipt: waitForParent(copy, task, parent) };
}

function scopeOfNew(type: EntityType, task: ChangeTask): string | null {
  if (typeof type.scope === 'object') return `${type.scope.root}:${task.change.id}`;
  return type.scope === 'user' ? userScope(task.call.actor) : null;
}

function situationOf(
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
    otherEpoch: false,
    rootDeleted: record !== null && (rootIsDeleted(copy, record) || hasNoParent(copy, record)),
    beyondHorizon: record?.deletedAt != null && record.deletedAt < rules.horizon(copy.now),
    namedScope: scope !== null && (change.operation === 'CREATE' || parentOf(type, task) !== null),
    changedDescendants:
      change.operation === 'DELETE' && record?.tombstone === null ? changedByOthers(copy, task, record) : [],
    holderOf: (uniqueKey) =>
      scope === null ? null : copy.holderOf(scope, type, uniqueKey, record?.id ?? change.id),
    seen: () => false,
    sameSubmission: (stamp) => record !== null && copy.isOf(call, record, stamp),
  };
}

function rootIsDeleted(copy: WorkingCopy, record: RecordState): boolean {
  if (copy.closed.has(record.scope)) return true;
  const colon = record.scope.indexOf(':');
  for (const type of copy.registry.types.values()) {
    if (typeof type.scope !== 'object' || type.scope.root !== record.scope.slice(0, colon)) continue;
    return copy.record(type.key, record.scope.slice(colon + 1))?.tombstone != null;
  }
  return false;
}
