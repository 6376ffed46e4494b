/** A change of a transaction group that is kept in a conflict, so that it can be made when a person decides so. */
import { equalJson, type Fields, type Operation, valueAtBase } from '@ackord/core';
import type { RecordKey } from './ports.ts';
import type { ChangeTask } from './unit.ts';
import type { WorkingCopy } from './working-copy.ts';

export interface GroupMember extends RecordKey {
  readonly changeId: string;
  readonly operation: Operation;
  /** What it edits, in stored form: of a whole row, only what differs from what it started from. */
  readonly fields: Fields;
}

export function groupMember(copy: WorkingCopy, { change }: ChangeTask): GroupMember {
  const { type, id, changeId, operation } = change;
  const record = copy.record(type, id);
  const history = change.base === null ? [] : copy.historyAfter(type, id, change.base);
  const atBase = valueAtBase({ change, record, history });
  const edits = Object.entries(change.fields).filter(([name, value]) => !equalJson(value, atBase(name)));
  return { type, id, changeId, operation, fields: record ? Object.fromEntries(edits) : change.fields };
}

export const membersOf = (payload: readonly unknown[] | null): readonly GroupMember[] =>
  (payload ?? []) as readonly GroupMember[];
