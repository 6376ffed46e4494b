/** A record changes its owning parent across scopes: it goes, with all that it owns, and leaves a mark behind. */
import type { Fields, RecordState } from '@ackord/core';
import { lineOf } from './lines.ts';
import type { ChangeTask } from './unit.ts';
import type { WorkingCopy } from './working-copy.ts';

/** `next`: the record with its new owner and its new version. */
export function move(
  copy: WorkingCopy,
  task: ChangeTask,
  record: RecordState,
  next: RecordState,
  scope: string,
  before: Fields,
): RecordState {
  const children = copy.descendants(record);
  const moved = moveOne(copy, task, record, next, scope, before);
  for (const child of children)
    moveOne(
      copy,
      task,
      child,
      { ...child, version: child.version + 1, updatedBy: task.call.actor },
      scope,
      {},
    );
  return moved;
}

function moveOne(
  copy: WorkingCopy,
  task: ChangeTask,
  from: RecordState,
  next: RecordState,
  scope: string,
  before: Fields,
): RecordState {
  const gone = { ...from, version: next.version, tombstone: { kind: 'moved' } as const, deletedAt: copy.now };
  copy.save(gone, lineOf(task, 'MOVE_OUT', 'applied', null));
  copy.file({ type: from.type, id: from.id, scope, aliasOf: null });
  const formerScopes = [...new Set([...from.formerScopes, from.scope])].filter((former) => former !== scope);
  return copy.save({ ...next, scope, formerScopes }, lineOf(task, 'MOVE_IN', 'applied', before));
}
