/** From a change of a `push` to a change for the engine. What can't be read spoils that change alone. */
import { type WireChange, wireChange } from '@ackord/core';
import type { RawChange } from '../../engine/submission.ts';

const OPERATIONS = { create: 'CREATE', update: 'UPDATE', delete: 'DELETE' } as const;

export function decodeChange(sent: unknown): RawChange {
  const read = wireChange.safeParse(sent);
  if (read.success) return rawChange(read.data);
  const { changeId, type, id, op } = (sent ?? {}) as Readonly<Record<string, unknown>>;
  const [issue] = read.error.issues;
  return {
    changeId,
    entityType: typeof type === 'string' ? type : '',
    id,
    operation: op,
    fields: {},
    malformed: { field: issue?.path.join('.') || 'change', message: issue?.message ?? 'has another shape' },
  };
}

function rawChange(change: WireChange): RawChange {
  const { base, time, transaction, priority, baseFields } = change;
  return {
    changeId: change.changeId,
    entityType: change.type,
    id: change.id,
    operation: OPERATIONS[change.op],
    fields: change.fields ?? {},
    ...(base !== undefined && { base }),
    ...(baseFields !== undefined && { baseFields }),
    ...(time !== undefined && { clientTime: time }),
    ...(transaction !== undefined && { transactionId: transaction }),
    ...(priority !== undefined && { priority }),
  };
}
