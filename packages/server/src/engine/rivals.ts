/** Who else changed what a deletion would take along, after the deleter had last looked? */
import { type RecordState, type Stamp, sameDevice } from '@ackord/core';
import { isDecision } from './resolution-task.ts';
import type { ChangeTask } from './unit.ts';
import { filedKey, type WorkingCopy } from './working-copy.ts';

/** Live descendants that another device changed, and the deleter had not read since. */
export function changedByOthers(copy: WorkingCopy, task: ChangeTask, record: RecordState): RecordState[] {
  if (copy.registry.type(record.type).children.length === 0) return [];
  const isSeen = seenBy(copy, task, record);
  return copy.descendants(record).filter((child) => !isSeen(child) && hasUnseen(copy, task, child, isSeen));
}

/** What had the deleter read of the children? Nothing is sure of a client that says neither base nor position. */
function seenBy(
  copy: WorkingCopy,
  { change, call }: ChangeTask,
  record: RecordState,
): (child: RecordState) => boolean {
  if (call.positions !== null) {
    const position = call.positions.get(record.scope) ?? 0;
    return (child) => child.seq <= position;
  }
  // It has surely read the record at its base, and maybe no more; a re-feed since makes nothing else seen.
  const { base } = change;
  const line = base === null ? undefined : copy.historyAfter(record.type, record.id, base - 1)[0];
  return (child) => line?.version === base && line !== undefined && child.updatedAt < line.at;
}

/** Has anybody else had a say in the child since the deleter's device last had it whole? */
function hasUnseen(
  copy: WorkingCopy,
  { change, call }: Pick<ChangeTask, 'change' | 'call'>,
  child: RecordState,
  isSeen: (child: RecordState) => boolean,
): boolean {
  const sameSubmission = (stamp: Stamp) => copy.isOf(call, child, stamp);
  // A client that names no device has nothing else to tell its own children by than whose they are.
  const own = (stamp: Stamp) =>
    change.device === null
      ? stamp.device === null && child.updatedBy === call.actor
      : sameDevice(stamp.device, change.device);
  const stamps = Object.values(child.clock);
  // The device has what it had read, and what came back to it with its own earlier changes.
  const before = copy.original.get(filedKey(child.scope, child.type, child.id));
  const read = before && isSeen(before) ? before.version : 0;
  const had = stamps.reduce(
    (last, stamp) =>
      own(stamp) && !sameSubmission(stamp) && !isDecision(stamp) ? Math.max(last, stamp.version) : last,
    read,
  );
  return stamps.some((stamp) => stamp.version > had && !own(stamp) && !sameSubmission(stamp));
}
