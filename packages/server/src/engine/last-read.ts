/**
 * What a writer without versions had read of a record when it sent its change: all that its device was given by its
 * last page. Where nobody knows, nothing counts as read: then a conflict is noted that may be none, and none is missed.
 */
import { type Change, type RecordState, sameDevice } from '@ackord/core';
import type { RecordAt } from './ports.ts';
import type { Call, ChangeTask } from './unit.ts';
import { filedKey, type WorkingCopy } from './working-copy.ts';

const positionIn = ({ positions }: Call, { scope }: RecordState): number => positions?.get(scope) ?? 0;

/** Writers without versions of whom it can be known what they had read. */
const readsWithoutVersions = ({ positions }: Call, { origin, base }: Blind): boolean =>
  origin === 'legacy' || (base === null && positions !== null);

type Blind = Pick<Change, 'origin' | 'base'>;

/** The position to ask the record's version at; null where that is needless: all of it was read, or nothing. */
export function lastReadOf(call: Call, change: Blind, record: RecordState): RecordAt | null {
  const seq = positionIn(call, record);
  if (seq === 0 || !hasUnread(call, change, record)) return null;
  return { scope: record.scope, type: record.type, id: record.id, seq };
}

/** May somebody have changed the record since the writer's device was last given a page? */
export const hasUnread = (call: Call, change: Blind, record: RecordState): boolean =>
  readsWithoutVersions(call, change) && record.seq > positionIn(call, record);

/** The version of the record that the writer's device was given last; 0: none. */
function versionRead(copy: WorkingCopy, { call }: ChangeTask, record: RecordState): number {
  const seq = positionIn(call, record);
  if (seq === 0) return 0;
  // The batch itself may have changed the record since it was read.
  const before = copy.original.get(filedKey(record.scope, record.type, record.id));
  if (before && before.seq <= seq) return before.version;
  return copy.versionAt({ scope: record.scope, type: record.type, id: record.id, seq });
}

/** Which merge groups of the record had the writer of a blind change seen as they are? */
export function seenBy(copy: WorkingCopy, task: ChangeTask, record: RecordState): (group: string) => boolean {
  const { fields, groups } = copy.registry.type(record.type);
  const read = readsWithoutVersions(task.call, task.change) ? versionRead(copy, task, record) : 0;
  return (group) => {
    const stamp = record.clock[group] ?? record.clock['*'];
    if (stamp.version <= read) return true;
    // Nobody else writes what the server owns. What the stamp of all groups stands for is not that.
    return groups.get(group)?.every((field) => fields.get(field)?.serverOwned) ?? false;
  };
}

/** Does the record hold what others changed and the writer's device was not given? */
export function holdsUnread(copy: WorkingCopy, task: ChangeTask, record: RecordState): boolean {
  const read = versionRead(copy, task, record);
  return Object.values(record.clock).some(
    (stamp) =>
      stamp.version > read &&
      !sameDevice(stamp.device, task.change.device) &&
      !copy.isOf(task.call, record, stamp),
  );
}
