/** A person's decision as an ordinary change, on the record as it is now. */
import { derivedUuid, type RecordState, type Stamp } from '@ackord/core';
import type { ConflictView } from './conflict-view.ts';
import type { Wanted } from './resolution-sides.ts';
import type { ChangeTask, ResolutionTask } from './unit.ts';

const DECISION = 'resolution ';

/** Was it a person's decision that wrote this? The answer to one brings no record, as those to changes do. */
export const isDecision = ({ change }: Stamp): boolean => change.startsWith(DECISION);

/** `record`: its version is the base, so nothing can come between; null: it is to be made. */
export function taskFor(
  task: ResolutionTask,
  conflict: Pick<ConflictView, 'id' | 'type' | 'entityId'>,
  wanted: Wanted,
  record: RecordState | null,
): ChangeTask {
  const { call, index } = task;
  const changeId = `${DECISION}${derivedUuid('resolution', conflict.id, call.batchId)}`;
  const entityType = conflict.type.slice(conflict.type.indexOf('.') + 1);
  return {
    kind: 'change',
    call,
    index,
    entityType,
    fingerprint: changeId,
    bytes: 0,
    transaction: null,
    resumes: null,
    raw: null,
    receipt: null,
    change: {
      changeId,
      device: call.writer,
      type: conflict.type,
      id: conflict.entityId,
      operation: wanted.operation,
      base: record?.version ?? 0,
      epoch: null,
      fields: wanted.fields,
      baseFields: null,
      priority: null,
      time: call.receivedAt,
      clamped: false,
      origin: 'resolution',
    },
  };
}
