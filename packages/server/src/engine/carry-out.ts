/** Carries a verdict out on the working copy, and says by a receipt what became of the change. */
import {
  completeFields,
  type EntityType,
  equalJson,
  type FieldClock,
  type Fields,
  LIMITS,
  type RecordState,
  stampBy,
  stampIn,
  type Verdict,
} from '@ackord/core';
import { bury } from './bury.ts';
import { refeedGrave } from './graves.ts';
import { journal } from './journal.ts';
import { keepSecondRecord } from './keep-both.ts';
import { holdsUnread } from './last-read.ts';
import { lineOf, newRecord, refeed, replaced } from './lines.ts';
import { closesScope } from './load.ts';
import { move } from './move.ts';
import { acknowledged } from './receipts.ts';
import { revive } from './revive.ts';
import type { Acknowledged } from './submission.ts';
import type { ChangeTask } from './unit.ts';
import type { WorkingCopy } from './working-copy.ts';

type Carried = Extract<Verdict, { kind: 'decided' | 'unchanged' }>;
type Decided = Extract<Verdict, { kind: 'decided' }>;

/**
 * `sent`: the task as it came; `task`: under canonical ids. `record`: what the verdict is about, null where there is
 * none; `alias`: set when the sent id becomes an alias of it.
 */
export function carryOut(
  copy: WorkingCopy,
  sent: ChangeTask,
  task: ChangeTask,
  type: EntityType,
  record: RecordState | null,
  scope: string | null,
  verdict: Carried,
  alias: RecordState | null,
): Acknowledged {
  const canonicalId = alias?.id ?? (task.change.id === sent.change.id ? null : task.change.id);
  if (alias) makeAlias(copy, sent, alias);
  if (verdict.kind === 'unchanged') {
    const isKnown = isKnownToSender(sent, task, type, record, record);
    return acknowledged(sent, {
      status: 'applied',
      record,
      canonicalId,
      isKnown,
      // That the sent id is another name for it, is.
      isNews: alias !== null,
      stamp: record && stampIn(type, record.fields),
      holdsUnread: record !== null && tellsUnread(copy, task, record),
    });
  }

  const after = act(copy, task, type, record, scope, verdict);
  const conflict = verdict.clash && record ? journal(copy, task, verdict.clash, record, after) : null;
  if (conflict && verdict.copy && record)
    keepSecondRecord(copy, task, type, record, verdict.copy, conflict.id);
  return acknowledged(sent, {
    status: verdict.outcome,
    record: after,
    stamp: stampIn(type, after.fields),
    conflict,
    canonicalId,
    before: record,
    stands: verdict.stands,
    isKnown: isKnownToSender(sent, task, type, record, after),
    holdsUnread: record !== null && tellsUnread(copy, task, record),
    mergedFields: verdict.mergedFields,
  });
}

const tellsUnread = (copy: WorkingCopy, task: ChangeTask, before: RecordState): boolean =>
  task.change.origin === 'legacy' && holdsUnread(copy, task, before);

/** Does the sender know all of the record as it is now: by what it sent, on what it had? */
function isKnownToSender(
  sent: ChangeTask,
  task: ChangeTask,
  type: EntityType,
  before: RecordState | null,
  after: RecordState | null,
): boolean {
  const { operation, base, fields } = task.change;
  // Ids of aliases were sent, or not all ids of a list, and others are stored.
  if (fields !== sent.change.fields) return false;
  if (before === null || after === null || operation === 'DELETE' || base === before.version) return true;
  const whole = operation === 'CREATE' ? completeFields(type, fields) : fields;
  // Its stamp is told by the receipt.
  return Object.entries(after.fields).every(
    ([name, value]) => name === type.stamp || equalJson(whole[name], value),
  );
}

/** Would it take more records along than one commit may touch? */
export function takesTooMany(copy: WorkingCopy, record: RecordState, verdict: Carried): boolean {
  if (verdict.kind === 'unchanged' || copy.registry.type(record.type).children.length === 0) return false;
  const { act: wanted } = verdict;
  const takes =
    (wanted.kind === 'bury' && !closesScope(copy, record)) ||
    (wanted.kind === 'put' && movesTo(copy, record, wanted.fields) !== null);
  return takes && copy.descendants(record).length > LIMITS.cascadeRecordsMax;
}

/** The other scope that the record goes to with its new parent; null: it stays. */
function movesTo(copy: WorkingCopy, record: RecordState, fields: Fields): string | null {
  const { owner } = copy.registry.type(record.type);
  const parent = copy.ownerOf({ type: record.type, fields });
  if (!owner || parent === null || parent === copy.ownerOf(record)) return null;
  const scope = copy.record(owner.type, parent)?.scope ?? record.scope;
  return scope === record.scope ? null : scope;
}

function act(
  copy: WorkingCopy,
  task: ChangeTask,
  type: EntityType,
  record: RecordState | null,
  scope: string | null,
  verdict: Decided,
): RecordState {
  const { act: wanted } = verdict;
  switch (wanted.kind) {
    case 'put': {
      if (record === null) return create(copy, task, type, scope ?? '', wanted);
      if (wanted.operation === 'REVIVE') return revive(copy, task, record, wanted, verdict.outcome);
      const next = {
        ...record,
        version: record.version + 1,
        fields: wanted.fields,
        clock: wanted.clock,
        priority: wanted.priority,
        updatedBy: task.call.actor,
      };
      const before = replaced(record.fields, wanted.fields);
      const newScope = movesTo(copy, record, wanted.fields);
      if (newScope !== null) return move(copy, task, record, next, newScope, before);
      return copy.save(next, lineOf(task, 'UPDATE', verdict.outcome, before));
    }
    case 'bury':
      return bury(copy, task, type, record, scope ?? '', verdict.outcome);
    case 'refeed': {
      if (record === null) throw new Error('Nothing to feed again');
      // Nobody reads the feed of a closed scope.
      if (copy.closed.has(record.scope)) return record;
      if (wanted.descendants) for (const child of copy.descendants(record)) refeed(copy, task, child);
      return refeedGrave(copy, task, wanted.fields ? { ...record, fields: wanted.fields } : record);
    }
    case 'endAlias': {
      if (record === null) throw new Error('No alias to end');
      const grave = {
        kind: 'deleted',
        deletion: task.change.changeId,
        root: { type: record.type, id: record.id },
        time: task.change.time,
        device: task.change.device,
      } as const;
      copy.file({ type: record.type, id: record.id, scope: record.scope, aliasOf: null });
      return copy.save(
        { ...record, version: record.version + 1, tombstone: grave },
        lineOf(task, 'DELETE', verdict.outcome, {}),
      );
    }
  }
}

function create(
  copy: WorkingCopy,
  task: ChangeTask,
  type: EntityType,
  scope: string,
  wanted: { fields: Fields; clock: FieldClock; priority: RecordState['priority'] },
): RecordState {
  const { change, call } = task;
  const makesScope = typeof type.scope === 'object' && copy.heads.get(scope) === 0;
  copy.file({ type: type.key, id: change.id, scope, aliasOf: null });
  const record = copy.save(
    newRecord(copy, task, type, scope, change.id, wanted),
    lineOf(task, 'CREATE', 'applied', null),
  );
  if (makesScope) {
    copy.setMembership({ scope, userId: call.actor, role: 'OWNER', grantedAt: copy.now, revokedAt: null });
    copy.note({
      scope,
      type: 'ackord.Member',
      id: call.actor,
      version: 0,
      ...lineOf(task, 'GRANT', 'applied', null),
    });
  }
  return record;
}

/** The sent id stands for another record from now on. */
function makeAlias(copy: WorkingCopy, task: ChangeTask, of: RecordState): void {
  const { change, call } = task;
  const type = copy.registry.type(of.type);
  const stamp = stampBy(change, 1);
  const wanted = {
    fields: completeFields(type, change.fields),
    clock: { '*': stamp },
    priority: of.priority,
  };
  copy.file({ type: of.type, id: change.id, scope: of.scope, aliasOf: of.id });
  const alias = {
    ...newRecord(copy, task, type, of.scope, change.id, wanted),
    tombstone: { kind: 'alias', of: of.id } as const,
    deletedAt: copy.now,
  };
  copy.save({ ...alias, updatedBy: call.actor }, lineOf(task, 'ALIAS', 'applied', null));
}
