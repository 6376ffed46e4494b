/**
 * After a commit: changes that waited for a parent which is there now are decided, as if their writers had sent them
 * again. The writer of a waiting change commits it first and looks for the parent afterwards, the maker of the parent
 * commits it first and looks for waiting changes afterwards: whoever comes last sees the other.
 */
import { clampEditTime, type Registry } from '@ackord/core';
import type { RecordKey, Store, WaitingChange } from './ports.ts';
import { isAcknowledged } from './receipts.ts';
import type { RawChange } from './submission.ts';
import { callOf, queue, type Submitting } from './submit.ts';
import type { ChangeTask, Task, Unit } from './unit.ts';
import { validateChange } from './validate.ts';

/** Records of these units that somebody may wait for, and parents that a change of them began to wait for. */
export function awaitedBy(
  registry: Registry,
  units: readonly Unit[],
): { readonly keys: RecordKey[]; readonly users: string[] } {
  const keys: RecordKey[] = [];
  const users: string[] = [];
  for (const task of units.flatMap<Task>((unit) => unit.tasks)) {
    if (task.kind === 'member' && task.role !== null) users.push(task.userId);
    if (task.kind !== 'change' || !task.receipt || !isAcknowledged(task.receipt)) continue;
    const type = registry.type(task.change.type);
    const waits = task.receipt.conflict?.conflictType === 'DEPENDENCY_CONFLICT';
    const parentId = type.owner ? task.change.fields[type.owner.field] : undefined;
    if (waits && type.owner && typeof parentId === 'string')
      keys.push({ type: type.owner.type, id: parentId });
    else if (type.children.length > 0 && task.change.operation !== 'DELETE')
      keys.push({ type: type.key, id: task.change.id });
  }
  return { keys, users };
}

export async function releaseWaiting(tools: Submitting, store: Store, units: readonly Unit[]): Promise<void> {
  const { keys, users } = awaitedBy(tools.registry, units);
  if (keys.length > 0) await releaseFor(tools, keys);
  for (const user of users) for (const waiting of await store.waitingOf(user)) await resume(tools, waiting);
}

/** Decides what waits for these parents, as far as they are there. */
export async function releaseFor(tools: Submitting, parents: readonly RecordKey[]): Promise<void> {
  for (const waiting of await tools.store.waitingFor(parents)) await resume(tools, waiting);
}

interface Payload {
  readonly domain: string;
  readonly device: string | null;
  readonly batchId: string;
  readonly origin: 'client' | 'legacy';
  readonly raw: RawChange;
  readonly changeId: string;
  readonly id: string;
  readonly time: number;
}

async function resume(tools: Submitting, waiting: WaitingChange): Promise<void> {
  const payload = waiting.payload as Payload;
  const submission = {
    ...payload,
    actor: { userId: waiting.actor },
    changes: [{ ...payload.raw, changeId: payload.changeId, id: payload.id }],
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
