/** Rung 5, once more on locked rows: may this caller do this to this record? */
import { type EntityType, type RecordState, roleReaches } from '@ackord/core';
import type { ChangeTask } from './unit.ts';
import type { WorkingCopy } from './working-copy.ts';

/** `scope`: where the record lies, or would lie. */
export function authorize(
  copy: WorkingCopy,
  type: EntityType,
  task: ChangeTask,
  record: RecordState | null,
  scope: string | null,
): boolean {
  if (scope === null) return true; // Nothing there and nothing named: the rules answer as for a foreign record.
  // A new root makes its own scope, and its maker the owner.
  const makesScope = record === null && typeof type.scope === 'object' && task.change.operation === 'CREATE';
  // Or it is made late, by whoever was in its scope before there was a root.
  if (makesScope) return copy.heads.get(scope) === 0 || copy.role(scope, task.call.actor) === 'OWNER';
  const least = task.change.operation === 'DELETE' ? type.access.delete : type.access.write;
  return roleReaches(copy.role(scope, task.call.actor), least);
}
