/** Who else changed what a deletion would take along, after the deleter had last looked? */
import { lastStamp, type RecordState, sameDevice } from '@ackord/core';
import type { ChangeTask } from './unit.ts';
import type { WorkingCopy } from './working-copy.ts';

/** Live descendants that another user or device changed, and the deleter had not read since. */
export function changedByOthers(
  copy: WorkingCopy,
  { change, call }: ChangeTask,
  record: RecordState,
): RecordState[] {
  if (copy.registry.type(record.type).children.length === 0 || change.base === null) return [];
  const seenUntil = call.positions.get(record.scope) ?? seqAtBase(record, change.base);
  return copy.descendants(record).filter((child) => {
    const stamp = lastStamp(child.clock);
    const own =
      child.updatedBy === call.actor && (sameDevice(stamp.device, change.device) || change.device === null);
    return child.seq > seenUntil && !own && !call.changeIds.has(stamp.change);
  });
}

/** Where the deleter doesn't say how far it has read, it has surely read the record at its base, and maybe no more. */
const seqAtBase = (record: RecordState, base: number): number => (base >= record.version ? record.seq : 0);
