/** What lies above a deleted record: whether it has anywhere to come back to, and what must be told again with it. */
import type { RecordState } from '@ackord/core';
import { refeed } from './lines.ts';
import type { ChangeTask } from './unit.ts';
import type { WorkingCopy } from './working-copy.ts';

/**
 * A record comes back with all that its deletion took, so what counts is the topmost of these: is its parent gone by
 * another deletion, or filed elsewhere?
 */
export function hasNoParent(copy: WorkingCopy, record: RecordState): boolean {
  if (record.tombstone?.kind !== 'deleted') return false;
  const { deletion, root } = record.tombstone;
  const rootOfDeletion = copy.record(root.type, root.id);
  const grave = rootOfDeletion?.tombstone;
  const top =
    rootOfDeletion && grave?.kind === 'deleted' && grave.deletion === deletion ? rootOfDeletion : record;
  if (copy.ownerOf(top) === null) return false;
  const parent = parentIn(copy, top);
  return parent === null || parent.tombstone !== null;
}

/** Feeds a record again. A grave is told of before those above it, as it was the first time. */
export function refeedGrave(copy: WorkingCopy, task: ChangeTask, record: RecordState): RecordState {
  const refed = refeed(copy, task, record);
  for (const above of deadAncestors(copy, refed)) refeed(copy, task, above);
  return refed;
}

/** The dead ones above a dead record, from below. */
function deadAncestors(copy: WorkingCopy, record: RecordState): readonly RecordState[] {
  if (record.tombstone?.kind !== 'deleted') return [];
  const parent = parentIn(copy, record);
  return parent?.tombstone?.kind === 'deleted' ? [parent, ...deadAncestors(copy, parent)] : [];
}

function parentIn(copy: WorkingCopy, record: RecordState): RecordState | null {
  const { owner } = copy.registry.type(record.type);
  const id = copy.ownerOf(record);
  const parent = owner && id !== null ? copy.record(owner.type, id) : null;
  return parent?.scope === record.scope ? parent : null;
}
