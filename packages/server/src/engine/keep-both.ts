/** KEEP_BOTH: the client's version of a record becomes a second record beside the server's. */
import { derivedUuid, type EntityType, type Fields, type RecordState } from '@ackord/core';
import { lineOf, newRecord } from './lines.ts';
import type { ChangeTask } from './unit.ts';
import type { WorkingCopy } from './working-copy.ts';

export const copyIdOf = (conflictId: string): string => derivedUuid('copy', conflictId);

/** Makes the second record; its id follows from the conflict's, so making it twice makes one. null: its name is taken too. */
export function keepSecondRecord(
  copy: WorkingCopy,
  task: ChangeTask,
  type: EntityType,
  record: RecordState,
  wanted: Fields,
  conflictId: string,
): RecordState | null {
  const id = copyIdOf(conflictId);
  const known = copy.record(type.key, id);
  if (known) return known;
  const renamed = type.unique?.rename ? type.unique.rename(wanted, conflictId) : wanted;
  const { owner } = type;
  // It stands beside the server's record, so it has that one's parent, wherever the client wanted to move it.
  const fields = owner ? { ...renamed, [owner.field]: record.fields[owner.field] ?? null } : renamed;
  const uniqueKey = type.unique?.key(fields) ?? null;
  if (uniqueKey !== null && copy.holderOf(record.scope, type, uniqueKey, id)) return null;
  const stamp = {
    version: 1,
    time: task.change.time,
    device: task.change.device,
    change: task.change.changeId,
  };
  copy.file({ type: type.key, id, scope: record.scope, aliasOf: null });
  return copy.save(
    newRecord(copy, task, type, record.scope, id, {
      fields,
      clock: { '*': stamp },
      priority: record.priority,
    }),
    lineOf(task, 'CREATE', 'applied', null),
  );
}
