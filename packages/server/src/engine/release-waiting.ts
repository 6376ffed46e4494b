/**
 * After a commit: changes that waited for a parent which is there now are decided, as if their writers had sent them
 * again. The writer of a waiting change commits it first and looks for the parent afterwards, the maker of the parent
 * commits it first and looks for waiting changes afterwards: whoever comes last sees the other.
 */
import { clampEditTime } from '@ackord/core';
import type { RecordKey, WaitingChange } from './ports.ts';
import { queue, type Submitting } from './queue.ts';
import { isAcknowledged } from './receipts.ts';
import type { RawChange } from './submission.ts';
import { callOf } from './submit.ts';
import { type ChangeTask, recordKey, type Task, type Unit } from './unit.ts';
import { validateChange } from './validate.ts';
import { inOrderOfWaiting, payloadOf } from './wait-payload.ts';

interface Awaited {
  /** Parents that changes of these units began to wait for. */
  readonly parents: readonly RecordKey[];
  /** Users who were given access to something. */
  readonly users: readonly string[];
  /** What had queued behind the CREATE of a record that another CREATE has made now. */
  readonly behind: readonly WaitingChange[];
}

function awaitedBy(units: readonly Unit[]): Awaited {
  const parents: RecordKey[] = [];
  const users: string[] = [];
  const behind: WaitingChange[] = [];
  for (const task of units.flatMap<Task>((unit) => unit.tasks)) {
    if (task.kind === 'member' && task.role !== null) users.push(task.userId);
    if (task.kind !== 'change' || !task.receipt || !isAcknowledged(task.receipt)) continue;
    const { call, change, receipt, resumes } = task;
    const waiting = call.waiting.get(recordKey(change.type, change.id)) ?? [];
    if (receipt.conflict?.conflictType === 'DEPENDENCY_CONFLICT')
      parents.push(...waiting.map(({ parent }) => parent));
    else if (change.operation === 'CREATE' && receipt.version !== null)
      // What waits for the parent by which this one was released is released with it.
      behind.push(...waiting.filter(({ parent }) => parent.id !== resumes?.parent.id));
  }
  return { parents, users, behind };
}

/** `arrived`: records that are there since the commit, and were not before. */
export async function releaseWaiting(
  tools: Submitting,
  units: readonly Unit[],
  arrived: readonly RecordKey[],
): Promise<void> {
  const { parents, users, behind } = awaitedBy(units);
  const keys = [...arrived, ...parents];
  if (behind.length > 0) await resumeAll(tools, behind);
  if (keys.length > 0) await releaseFor(tools, keys);
  for (const user of users) await resumeAll(tools, await tools.store.waitingOf(user));
}

/** Decides what waits for these parents, as far as they are there. `isDue`: whether to try this one now. */
export async function releaseFor(
  tools: Submitting,
  parents: readonly RecordKey[],
  isDue: (waiting: WaitingChange) => boolean = () => true,
): Promise<void> {
  await resumeAll(tools, (await tools.store.waitingFor(parents)).filter(isDue));
}

async function resumeAll(tools: Submitting, released: readonly WaitingChange[]): Promise<void> {
  for (const waiting of released.toSorted(inOrderOfWaiting)) await resume(tools, waiting);
}

async function resume(tools: Submitting, waiting: WaitingChange): Promise<void> {
  const { raw, ...payload } = payloadOf(waiting);
  const submission = {
    ...payload,
    actor: { userId: waiting.actor },
    origin: 'client' as const,
    changes: [{ ...(raw as RawChange), changeId: payload.changeId, id: payload.id }],
  };
  const call = callOf(submission, tools.store);
  const checked = validateChange(
    submission.changes[0] as RawChange,
    0,
    submission,
    tools.registry.domain(payload.domain),
    call,
    tools.now(),
  );
  if (!('kind' in checked)) return;
  call.changeIds.add(checked.change.changeId);
  // The edit was made when it was made, not when its parent came.
  const { time, clamped } = clampEditTime(payload.time, tools.now());
  const task: ChangeTask = { ...checked, resumes: waiting, change: { ...checked.change, time, clamped } };
  await queue(tools, call, [task]);
}
