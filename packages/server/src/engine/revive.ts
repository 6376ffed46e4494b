/** A deletion is undone: the record comes back, and with it all that the same deletion had taken. */
import type { Act, RecordState } from '@ackord/core';
import { lineOf, replaced } from './lines.ts';
import type { ChangeTask } from './unit.ts';
import type { WorkingCopy } from './working-copy.ts';

export function revive(
  copy: WorkingCopy,
  task: ChangeTask,
  record: RecordState,
  wanted: Extract<Act, { kind: 'put' }>,
  outcome: 'applied' | 'merged' | 'conflict',
): RecordState {
  const { call } = task;
  const kin =
    record.tombstone?.kind === 'deleted' ? copy.buriedBy(record.scope, record.tombstone.deletion) : [];
  const raise = (one: RecordState): RecordState =>
    copy.save(
      { ...one, version: one.version + 1, tombstone: null, deletedAt: null, updatedBy: call.actor },
      lineOf(
        task,
        'REVIVE',
        outcome,
        one.id === record.id && one.type === record.type ? replaced(record.fields, wanted.fields) : {},
      ),
    );
  // Parents first, so that no page has a child whose parent is not there yet.
  const rank = (one: RecordState): number => copy.registry.type(one.type).rank;
  let raised: RecordState | null = null;
  for (const one of [...kin].sort((a, b) => rank(a) - rank(b))) {
    if (one.id !== record.id || one.type !== record.type) raise(one);
    else raised = raise({ ...one, fields: wanted.fields, clock: wanted.clock, priority: wanted.priority });
  }
  if (copy.closed.has(record.scope)) copy.reopen(record.scope);
  return (
    raised ?? raise({ ...record, fields: wanted.fields, clock: wanted.clock, priority: wanted.priority })
  );
}
