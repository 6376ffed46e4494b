/** Who else changed what a deletion would take along, after the deleter had last looked? */
import { type RecordState, type Stamp, sameDevice } from '@ackord/core';
import type { ChangeTask } from './unit.ts';
import { filedKey, type WorkingCopy } from './working-copy.ts';

/** Live descendants that another user or device changed, and the deleter had not read since. */
export function changedByOthers(
  copy: WorkingCopy,
  { change, call }: ChangeTask,
  record: RecordState,
): RecordState[] {
  if (copy.registry.type(record.type).children.length === 0 || change.base === null) return [];
  const seenUntil = call.positions.get(record.scope) ?? seqAtBase(record, change.base);
  return copy
    .descendants(record)
    .filter((child) => child.seq > seenUntil && hasUnseen(copy, { change, call }, child, seenUntil));
}

/** Has anybody else had a say in the child since the deleter's device last had it whole? */
function hasUnseen(
  copy: WorkingCopy,
  { change, call }: Pick<ChangeTask, 'change' | 'call'>,
  child: RecordState,
  seenUntil: number,
): boolean {
  if (change.device === null) return child.updatedBy !== call.actor;
  const sameSubmission = (stamp: Stamp) => call.changeIds.has(stamp.change);
  const own = (stamp: Stamp) => sameDevice(stamp.device, change.device);
  const stamps = Object.values(child.clock);
  // The device has what it had read, and what came back to it with its own earlier changes.
  const before = copy.original.get(filedKey(child.scope, child.type, child.id));
  const read = before && before.seq <= seenUntil ? before.version : 0;
  const had = stamps.reduce(
    (last, stamp) => (own(stamp) && !sameSubmission(stamp) ? Math.max(last, stamp.version) : last),
    read,
  );
  if (child.updatedBy !== call.actor) return true;
  return stamps.some((stamp) => stamp.version > had && !own(stamp) && !sameSubmission(stamp));
}

/** Where the deleter doesn't say how far it has read, it has surely read the record at its base, and maybe no more. */
const seqAtBase = (record: RecordState, base: number): number => (base >= record.version ? record.seq : 0);
