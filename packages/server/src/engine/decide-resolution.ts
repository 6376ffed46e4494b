/**
 * Rung 9 for a person's decision on a conflict. It becomes an ordinary change, made on the record as it is now, and
 * goes through the same rules; the conflict is closed in the same transaction. It works on conflicts that were resolved
 * by themselves as well: that is the undo.
 */
import {
  brokenRule,
  type Change,
  canKeepBoth,
  derivedUuid,
  type EntityType,
  equalJson,
  errorText,
  type Fields,
  pick,
  type RecordState,
  roleReaches,
  stampOf,
  validateFields,
} from '@ackord/core';
import type { ConflictResolution, ConflictView, Winner } from './conflict-view.ts';
import { decideChange } from './decide-change.ts';
import type { CallError } from './engine.ts';
import { copyIdOf, keepSecondRecord } from './keep-both.ts';
import { isAcknowledged } from './receipts.ts';
import type { Rules } from './situation-of.ts';
import type { RawChange } from './submission.ts';
import type { ChangeTask, ResolutionTask } from './unit.ts';
import type { WorkingCopy } from './working-copy.ts';

type Result = Exclude<ResolutionTask['result'], null> | { readonly scopes: readonly string[] };

const refuse = (code: CallError['code'], detail?: string, conflict?: ConflictView): CallError => ({
  ok: false,
  code,
  message: errorText(code, detail),
  ...(conflict && { conflict }),
});

/** Which side a strategy takes; `data`: what the person wrote. */
type Side = 'client' | 'server' | 'data' | 'both';

export function decideResolution(copy: WorkingCopy, task: ResolutionTask, rules: Rules): Result {
  const conflict = copy.conflicts.get(task.conflictId);
  if (!conflict || conflict.status === 'superseded') return refuse('FORBIDDEN');
  if (conflict.resolution) return { ok: true, resolution: conflict.resolution };
  if (conflict.conflictType === 'DEPENDENCY_CONFLICT') return discardWaiting(copy, task, conflict);
  const location = copy.locate(conflict.type, conflict.entityId);
  if (!location) return refuse('FORBIDDEN');
  if (!copy.has(location.scope)) return { scopes: [location.scope] };
  const type = copy.registry.type(conflict.type);
  const record = copy.record(conflict.type, conflict.entityId);
  if (!record || !roleReaches(copy.role(record.scope, task.call.actor), type.access.write))
    return refuse('FORBIDDEN');
  if (movedSince(type, record, conflict)) return refreshed(copy, conflict, record);

  const side = sideOf(task, conflict);
  if (side === 'data' && task.resolvedFields === null)
    return refuse('BAD_USER_INPUT', 'MANUAL_RESOLUTION needs resolvedData.');
  if (conflict.payload !== null) return resolveGroup(copy, task, conflict, side, rules);
  if (side === 'both') return keepBoth(copy, task, conflict, type, record);
  const change = changeFor(task, conflict, record, side);
  if ('ok' in change) return change;
  if (change.operation !== null) {
    const valid = validateFields(type, change.fields);
    if (!valid.ok) return refuse('BAD_USER_INPUT', `resolvedData: ${valid.field} ${valid.message}.`);
    const decision = decideChange(
      copy,
      taskFor(task, conflict, { ...change, operation: change.operation, fields: valid.fields }, record),
      rules,
    );
    if (decision.kind === 'elsewhere') return { scopes: decision.scopes };
    if (!isAcknowledged(decision.receipt)) return refuse(decision.receipt.code, decision.receipt.message);
  }
  const now = copy.record(conflict.type, conflict.entityId);
  return close(copy, task, conflict, side === 'data' ? 'mixed' : side, {
    resolvedFields: task.resolvedFields,
    newEntityId: null,
    version: now?.version ?? null,
  });
}

function sideOf(task: ResolutionTask, conflict: ConflictView): Side {
  switch (task.strategy) {
    case 'LAST_WRITE_WINS':
      return conflict.clientTime > conflict.serverTime ? 'client' : 'server';
    case 'FIRST_WRITE_WINS':
      return 'server';
    case 'MANUAL_RESOLUTION':
      return 'data';
    case 'KEEP_BOTH':
      return 'both';
  }
}

/** Have the groups that the conflict is about changed since it was decided? Others may have. */
function movedSince(type: EntityType, record: RecordState, conflict: ConflictView): boolean {
  if (conflict.conflictType === 'DELETION_CONFLICT') return record.version > conflict.decidedVersion;
  const groups = new Set(conflict.fields.map((field) => type.fields.get(field)?.group ?? field));
  return (
    record.tombstone !== null ||
    [...groups].some((group) => stampOf(record.clock, group).version > conflict.decidedVersion)
  );
}

function refreshed(copy: WorkingCopy, conflict: ConflictView, record: RecordState): CallError {
  const fresh = {
    ...conflict,
    server: record.fields,
    serverVersion: record.version,
    decidedVersion: record.version,
  };
  copy.keepConflict(fresh);
  return refuse('CONFLICT_MOVED', undefined, fresh);
}

interface Wanted {
  readonly operation: Change['operation'] | null;
  readonly fields: Fields;
}

/** The change that makes the record what the person wants. */
function changeFor(
  task: ResolutionTask,
  conflict: ConflictView,
  record: RecordState,
  side: 'client' | 'server' | 'data',
): Wanted | CallError {
  const dead = record.tombstone !== null;
  const nothing: Wanted = { operation: null, fields: {} };
  if (conflict.conflictType === 'DELETION_CONFLICT') {
    const wantsLife = side === 'data' || (side === 'client') !== conflict.clientDeletes;
    if (!wantsLife) return dead ? nothing : { operation: 'DELETE', fields: {} };
    const edited = side === 'data' ? (task.resolvedFields ?? {}) : side === 'client' ? conflict.client : {};
    return dead || Object.keys(edited).length > 0 ? { operation: 'UPDATE', fields: edited } : nothing;
  }
  const fields =
    side === 'data'
      ? (task.resolvedFields ?? {})
      : pickSent(side === 'client' ? conflict.client : (conflict.server ?? {}), conflict.fields);
  return { operation: 'UPDATE', fields };
}

/** Of the conflicted fields those that the side has a value for. */
const pickSent = (values: Fields, names: readonly string[]): Fields =>
  pick(
    values,
    names.filter((name) => values[name] !== undefined),
  );

/** `record`: its version is the base, so nothing can come between. */
function taskFor(
  task: ResolutionTask,
  conflict: ConflictView,
  wanted: Wanted & { operation: Change['operation'] },
  record: RecordState,
): ChangeTask {
  const changeId = derivedUuid('resolution', conflict.id, task.call.batchId);
  const raw: RawChange = {
    entityType: conflict.type,
    id: conflict.entityId,
    operation: wanted.operation,
    fields: wanted.fields,
  };
  return {
    kind: 'change',
    call: task.call,
    index: task.index,
    entityType: conflict.type.slice(conflict.type.indexOf('.') + 1),
    fingerprint: changeId,
    bytes: 0,
    transaction: null,
    resumes: null,
    raw,
    receipt: null,
    change: {
      changeId,
      device: task.call.writer,
      type: conflict.type,
      id: conflict.entityId,
      operation: wanted.operation,
      base: record.version,
      epoch: null,
      fields: wanted.fields,
      baseFields: null,
      priority: null,
      time: task.call.receivedAt,
      clamped: false,
      origin: 'resolution',
    },
  };
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
  if (impossible) return refuse('STRATEGY_IMPOSSIBLE');
  const fields = { ...record.fields, ...conflict.client };
  if (brokenRule(type, fields)) return refuse('STRATEGY_IMPOSSIBLE', `${brokenRule(type, fields)?.message}.`);
  // Where the client's values stand already, it is the server's former ones that become the second record.
  const clientStands = conflict.fields.every((name) => equalJson(record.fields[name], conflict.client[name]));
  const second = clientStands
    ? { ...record.fields, ...pick(conflict.server ?? {}, conflict.fields) }
    : fields;
  const made = keepSecondRecord(
    copy,
    taskFor(task, conflict, { operation: 'CREATE', fields: second }, record),
    type,
    record,
    second,
    conflict.id,
  );
  if (!made) return refuse('STRATEGY_IMPOSSIBLE');
  return close(copy, task, conflict, 'both', {
    resolvedFields: null,
    newEntityId: copyIdOf(conflict.id),
    version: record.version,
  });
}

/** A transaction group that was kept as one conflict: its changes are made now, on the records as they are. */
function resolveGroup(
  copy: WorkingCopy,
  task: ResolutionTask,
  conflict: ConflictView,
  side: Side,
  rules: Rules,
): Result {
  if (side === 'data' || side === 'both') return refuse('STRATEGY_IMPOSSIBLE');
  const domain = copy.registry.domain(conflict.type.slice(0, conflict.type.indexOf('.')));
  const members = (conflict.payload ?? []) as readonly { raw: RawChange; id: string }[];
  if (side === 'client') {
    copy.mark();
    for (const { raw, id } of members) {
      const type = domain.entityByName.get(raw.entityType);
      const record = type ? copy.record(type.key, id) : null;
      const valid = type ? validateFields(type, raw.fields) : null;
      if (!type || !valid?.ok) continue;
      const member = { ...conflict, id: derivedUuid(conflict.id, id), type: type.key, entityId: id };
      const wanted = {
        operation: record ? (raw.operation as Change['operation']) : 'CREATE',
        fields: raw.operation === 'DELETE' ? {} : valid.fields,
      } as const;
      const base = record ?? ({ version: 0 } as RecordState);
      const decision = decideChange(copy, taskFor(task, member, wanted, base), rules);
      if (decision.kind === 'elsewhere') {
        copy.rollBackPart();
        return { scopes: decision.scopes };
      }
      if (!isAcknowledged(decision.receipt)) {
        copy.rollBackPart();
        return refuse(decision.receipt.code, decision.receipt.message);
      }
    }
    copy.keepPart();
  }
  const now = copy.record(conflict.type, conflict.entityId);
  return close(copy, task, conflict, side, {
    resolvedFields: null,
    newEntityId: null,
    version: now?.version ?? null,
  });
}

/** A change that waits for a parent can only be given up; it is applied by itself when the parent comes. */
function discardWaiting(copy: WorkingCopy, task: ResolutionTask, conflict: ConflictView): Result {
  if (conflict.actor !== task.call.actor) return refuse('FORBIDDEN');
  if (conflict.status !== 'pending') return refuse('STRATEGY_IMPOSSIBLE');
  if (task.strategy !== 'FIRST_WRITE_WINS') {
    return refuse(
      'STRATEGY_IMPOSSIBLE',
      'The change waits for its parent and is applied when that comes; FIRST_WRITE_WINS gives it up.',
    );
  }
  copy.endWaiting(derivedUuid('waiting', conflict.actor, conflict.changeId));
  return close(copy, task, conflict, 'server', { resolvedFields: null, newEntityId: null, version: null });
}

function close(
  copy: WorkingCopy,
  task: ResolutionTask,
  conflict: ConflictView,
  winner: Winner,
  facts: {
    readonly resolvedFields: Fields | null;
    readonly newEntityId: string | null;
    readonly version: number | null;
  },
): Result {
  const resolution: ConflictResolution = {
    conflictId: conflict.id,
    type: conflict.type,
    strategy: task.strategy,
    resolvedData: facts.resolvedFields,
    resolvedAt: copy.now,
    resolvedBy: task.call.actor,
    newEntityId: facts.newEntityId,
    version: facts.version,
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
