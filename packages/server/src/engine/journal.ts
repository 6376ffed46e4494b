/** The conflict journal: no verdict is silent. Both sides are kept, so the loser can be brought back by one call. */
import {
  type Clash,
  derivedUuid,
  lastStamp,
  type RecordState,
  type Stamp,
  sameDevice,
  stampOf,
} from '@ackord/core';
import type { ConflictView } from './conflict-view.ts';
import { seenBy } from './last-read.ts';
import type { ChangeTask } from './unit.ts';
import { filedKey, type WorkingCopy } from './working-copy.ts';

/** A change that had waited is named by one conflict for its wait, and by another for what it met afterwards. */
export const conflictIdOf = ({ call, change, resumes }: ChangeTask): string =>
  derivedUuid(resumes === null ? 'conflict' : 'conflict after waiting', call.actor, change.changeId);

/** Keeps the conflict of a change. `after`: the record as it stands now. */
export function journal(
  copy: WorkingCopy,
  task: ChangeTask,
  clash: Clash,
  before: RecordState,
  after: RecordState,
  payload: readonly unknown[] | null = null,
): ConflictView {
  const { change, call } = task;
  const pending = clash.winner === null;
  const conflict: ConflictView = {
    id: conflictIdOf(task),
    scope: after.scope,
    type: before.type,
    entityId: before.id,
    conflictType: clash.conflictType,
    status: pending ? 'pending' : 'resolved',
    strategy: clash.strategy,
    winner: clash.winner,
    fields: clash.fields,
    serverVersion: before.version,
    clientVersion: change.base ?? 0,
    base: clash.base,
    server: clash.server,
    client: clash.client,
    clientDeletes: clash.clientDeletes,
    serverTime: clash.serverTime,
    clientTime: clash.clientTime,
    rival: rivalAmongChildren(copy, task, clash, before) ?? rivalOf(copy, task, clash, before),
    actor: call.actor,
    device: call.device,
    changeId: change.changeId,
    createdAt: copy.now,
    resolvedAt: pending ? null : copy.now,
    resolvedBy: pending ? null : 'system',
    resolution: null,
    decidedVersion: after.version,
    decidedSeq: copy.heads.get(after.scope) ?? 0,
    payload,
  };
  if (pending) supersede(copy, conflict);
  copy.keepConflict(conflict);
  if (clash.winner === 'client' || clash.winner === 'mixed') tellOthers(copy, task, clash, before, conflict);
  return conflict;
}

/** A conflict is told to one rival. Who else has lost a field by the change is told of that field by one of its own. */
function tellOthers(
  copy: WorkingCopy,
  task: ChangeTask,
  { fields, clientDeletes }: Clash,
  record: RecordState,
  told: ConflictView,
): void {
  if (record.tombstone !== null) return;
  const tell = (rival: string, theirs: readonly string[]) =>
    copy.keepConflict({ ...told, id: derivedUuid('conflict with', told.id, rival), rival, fields: theirs });
  if (clientDeletes) {
    const writers = unseenStamps(copy, task, record).map(({ version }) =>
      version === record.version ? record.updatedBy : copy.authorOf(record.type, record.id, version),
    );
    const losers = [...writers, ...changedChildren(copy, fields, record).map(({ updatedBy }) => updatedBy)];
    // Also the deleter, where it was on another device.
    for (const loser of new Set(losers)) if (loser !== null && loser !== told.rival) tell(loser, fields);
    return;
  }
  const type = copy.registry.type(record.type);
  const fieldsByUser = new Map<string, string[]>();
  for (const field of fields) {
    const group = type.fields.get(field)?.group;
    if (group === undefined) continue;
    const user = copy.authorOf(record.type, record.id, stampOf(record.clock, group).version);
    if (user !== null && user !== told.rival)
      fieldsByUser.set(user, [...(fieldsByUser.get(user) ?? []), field]);
  }
  for (const [rival, theirs] of fieldsByUser) tell(rival, theirs);
}

/**
 * Of a deletion that would take along what others changed: the user of the latest of those changes. The record itself
 * may be old, and its author has lost nothing.
 */
function rivalAmongChildren(
  copy: WorkingCopy,
  { call }: ChangeTask,
  { clientDeletes, fields }: Clash,
  record: RecordState,
): string | null {
  if (!clientDeletes) return null;
  const changed = changedChildren(copy, fields, record);
  // One of several devices of the deleter may have had the last word in a child of somebody else's.
  const others = changed.filter(({ updatedBy }) => updatedBy !== call.actor);
  const [latest] = (others.length > 0 ? others : changed).sort(
    (a, b) => lastStamp(b.clock).time - lastStamp(a.clock).time,
  );
  return latest?.updatedBy ?? null;
}

/** Records that a deletion would take along, as its conflict names them: `Memory:<id>`. */
function changedChildren(copy: WorkingCopy, names: readonly string[], record: RecordState): RecordState[] {
  const domain = record.type.slice(0, record.type.indexOf('.'));
  return names.flatMap((name) => {
    const [type = '', id = ''] = name.split(':');
    return copy.original.get(filedKey(record.scope, `${domain}.${type}`, id)) ?? [];
  });
}

/** Whose value the clash is about: the user of the latest edit of the clashing fields, or of the deletion. */
function rivalOf(copy: WorkingCopy, task: ChangeTask, clash: Clash, record: RecordState): string {
  if (record.tombstone !== null) return record.updatedBy;
  const type = copy.registry.type(record.type);
  const groups = clash.fields.flatMap((field) => type.fields.get(field)?.group ?? []);
  const stamps =
    groups.length > 0
      ? groups.map((group) => stampOf(record.clock, group))
      : [unseenStamp(copy, task, record) ?? lastStamp(record.clock)];
  const version = Math.max(...stamps.map((stamp) => stamp.version));
  return copy.authorOf(record.type, record.id, version) ?? record.updatedBy;
}

/** The latest edit that the deleter does not know: its own last word may be newer, and nobody loses by that. */
function unseenStamp(copy: WorkingCopy, task: ChangeTask, record: RecordState): Stamp | null {
  return unseenStamps(copy, task, record).reduce<Stamp | null>(
    (last, one) => (last && last.version >= one.version ? last : one),
    null,
  );
}

function unseenStamps(copy: WorkingCopy, task: ChangeTask, record: RecordState): Stamp[] {
  const { base, device } = task.change;
  const isSeen = base === null ? seenBy(copy, task, record) : null;
  return Object.entries(record.clock).flatMap(([group, stamp]) => {
    const isKnown = base === null ? isSeen?.(group) === true : stamp.version <= base;
    return isKnown || sameDevice(stamp.device, device) || copy.isOf(task.call, record, stamp) ? [] : [stamp];
  });
}

/**
 * One open conflict per record and device: a newer one takes the place of the older. Not of a change that waits: that is
 * still to be decided, and ends its conflict then.
 */
export function supersede(copy: WorkingCopy, by: ConflictView): void {
  for (const other of copy.conflicts.values()) {
    const same =
      other.type === by.type &&
      other.entityId === by.entityId &&
      other.actor === by.actor &&
      other.device === by.device &&
      other.conflictType !== 'DEPENDENCY_CONFLICT';
    if (same && other.status === 'pending' && other.id !== by.id)
      copy.keepConflict({ ...other, status: 'superseded', resolvedAt: copy.now });
  }
}
