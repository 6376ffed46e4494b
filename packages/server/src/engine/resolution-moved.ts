/** Has what a conflict is about moved since it was decided? Then the person is shown it as it is now, and decides anew. */
import {
  type EntityType,
  equalJson,
  type Fields,
  lastStamp,
  pick,
  type RecordState,
  stampOf,
} from '@ackord/core';
import type { ConflictView } from './conflict-view.ts';
import { groupsOf } from './resolution-sides.ts';
import type { WorkingCopy } from './working-copy.ts';

/** `written`: what the decision would put in. Groups that it has nothing to do with may have moved. */
export function movedSince(
  copy: WorkingCopy,
  type: EntityType,
  record: RecordState,
  conflict: ConflictView,
  written: Fields,
): boolean {
  if (conflict.conflictType === 'DELETION_CONFLICT')
    return record.version > conflict.decidedVersion || newChildren(copy, record, conflict).length > 0;
  // An edit against a record that is gone by now: that is another question.
  if (record.tombstone !== null) return true;
  const groups = groupsOf(type, conflict);
  const besides = Object.keys(written).filter((name) => !groups.has(type.fields.get(name)?.group ?? name));
  return (
    [...groups].some((group) => hasMoved(record, conflict, group)) ||
    besides.some((name) => !equalJson(record.fields[name], conflict.server?.[name]))
  );
}

const hasMoved = ({ clock }: RecordState, { decidedVersion }: ConflictView, group: string): boolean =>
  stampOf(clock, group).version > decidedVersion;

/** What a deletion would take along, and was not there or not so when the conflict was decided. */
function newChildren(
  copy: WorkingCopy,
  record: RecordState,
  { clientDeletes, decidedSeq }: ConflictView,
): RecordState[] {
  if (!clientDeletes || record.tombstone !== null || decidedSeq === undefined) return [];
  return copy.descendants(record).filter((child) => child.seq > decidedSeq);
}

/** The conflict on the record as it is now. */
export function refreshed(
  copy: WorkingCopy,
  type: EntityType,
  record: RecordState,
  conflict: ConflictView,
): ConflictView {
  const children = newChildren(copy, record, conflict);
  const names = children.map((child) => `${copy.registry.type(child.type).name}:${child.id}`);
  const stamps = [
    ...(conflict.clientDeletes
      ? [lastStamp(record.clock)]
      : [...groupsOf(type, conflict)].map((group) => stampOf(record.clock, group))),
    ...children.map((child) => lastStamp(child.clock)),
  ];
  const { tombstone } = record;
  // What has not moved is kept as it was: it may be the side that lost, and is to come back.
  const kept = [...groupsOf(type, conflict)].filter((group) => !hasMoved(record, conflict, group));
  const keptFields = kept.flatMap((group) => type.groups.get(group) ?? []);
  return {
    ...conflict,
    conflictType: typeNow(conflict, record),
    fields: [...new Set([...conflict.fields, ...names])],
    server: { ...record.fields, ...pick(conflict.server ?? record.fields, keptFields) },
    serverVersion: record.version,
    serverTime:
      tombstone?.kind === 'deleted' ? tombstone.time : Math.max(...stamps.map((stamp) => stamp.time)),
    decidedVersion: record.version,
    decidedSeq: copy.heads.get(record.scope) ?? 0,
  };
}

function typeNow({ conflictType, clientDeletes }: ConflictView, { tombstone }: RecordState) {
  if (clientDeletes || tombstone !== null) return 'DELETION_CONFLICT';
  return conflictType === 'DELETION_CONFLICT' ? 'VERSION_MISMATCH' : conflictType;
}
