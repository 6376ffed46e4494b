/** What every act on a record writes: a new record, its log line, its before-values. */
import { type EntityType, equalJson, type FieldClock, type Fields, type RecordState } from '@ackord/core';
import type { ChangeTask } from './unit.ts';
import type { WorkingCopy } from './working-copy.ts';

export function newRecord(
  copy: WorkingCopy,
  { call, change }: ChangeTask,
  type: EntityType,
  scope: string,
  id: string,
  wanted: { readonly fields: Fields; readonly clock: FieldClock; readonly priority: RecordState['priority'] },
): RecordState {
  return {
    scope,
    type: type.key,
    id,
    version: 1,
    seq: 0,
    createdAt: change.created?.at ?? copy.now,
    updatedAt: copy.now,
    createdBy: change.created?.by ?? call.actor,
    updatedBy: call.actor,
    priority: wanted.priority,
    clock: wanted.clock,
    fields: wanted.fields,
    tombstone: null,
    deletedAt: null,
    formerScopes: [],
  };
}

/** Sends a record to everyone again: the seq moves, the version does not. */
export const refeed = (copy: WorkingCopy, task: ChangeTask, record: RecordState): RecordState =>
  copy.save(record, lineOf(task, 'REFEED', 'refed', null));

export function lineOf<O extends string, R extends string>(
  task: ChangeTask,
  operation: O,
  outcome: R,
  before: Fields | null,
) {
  return {
    operation,
    outcome,
    before,
    actor: task.call.actor,
    device: task.call.device,
    changeId: task.change.changeId,
  };
}

/** The old values of the fields that differ. */
export function replaced(old: Fields, next: Fields): Fields {
  return Object.fromEntries(Object.entries(old).filter(([name, value]) => !equalJson(value, next[name])));
}
