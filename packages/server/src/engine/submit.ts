/**
 * The straight line of a change, first half: rungs 3–7 for one submission. Orchestration only; each rung is a file.
 * Answers with one receipt per change, in the order of the submission, when the last of them is decided.
 */
import { hash } from 'node:crypto';
import { orderChanges, type Registry, readCursor } from '@ackord/core';
import { cursorKeysOf } from './cursor-keys.ts';
import { keepFailures } from './failures.ts';
import type { Store } from './ports.ts';
import { type GivenMoment, momentAfter, NO_MOMENT } from './positions.ts';
import { lastReadBy, queue, type Submitting } from './queue.ts';
import { abortedReceipt, retryReceipt } from './receipts.ts';
import type { Receipt, Refused, Submission, SubmissionResult } from './submission.ts';
import { type Call, type ChangeTask, recordKey } from './unit.ts';
import { isUnreachable } from './unreachable.ts';
import { validateChange } from './validate.ts';

export async function submit(tools: Submitting, submission: Submission): Promise<SubmissionResult> {
  const result = await decideAll(tools, submission);
  await keepFailures(tools, submission, result.receipts);
  return result;
}

async function decideAll(tools: Submitting, submission: Submission): Promise<SubmissionResult> {
  const call = callOf(submission, tools.store);
  const receipts = new Array<Receipt | null>(submission.changes.length).fill(null);
  const tasks = validate(tools, submission, call, receipts);
  if (tasks.length === 0)
    return { receipts: receipts as Receipt[], serverTime: await idleMoment(tools, call) };

  const units = await queue(tools, call, orderTasks(tools.registry, tasks));
  for (const task of tasks) receipts[task.index] = task.receipt ?? retryReceipt(task, 'UNAVAILABLE');
  const committed = Math.max(0, ...units.map((unit) => unit.committedAt));
  const serverTime = committed > 0 ? momentAfter(call.read, committed) : await idleMoment(tools, call);
  return { receipts: receipts as Receipt[], serverTime };
}

/** Nothing was committed: also this moment stands for where the device last was, for whoever keeps it. */
async function idleMoment({ reads, now }: Submitting, call: Call): Promise<number> {
  if (!call.bookmark) return now();
  try {
    call.read ??= await lastReadBy(reads, call);
    const moment = momentAfter(call.read, now());
    const state: GivenMoment = { device: call.device, read: call.read?.state ?? null };
    await reads.saveBookmarks([{ userId: call.actor, key: `at ${moment}`, state }]);
    return moment;
  } catch (cause) {
    if (!isUnreachable(cause)) throw cause;
    // A moment that nobody remembers would skip what its device has not read.
    return call.read?.at ?? NO_MOMENT;
  }
}

export function callOf(
  submission: Pick<
    Submission,
    'domain' | 'actor' | 'device' | 'batchId' | 'bookmark' | 'cursor' | 'positions'
  >,
  store: Store,
): Call {
  const keys = cursorKeysOf(store);
  const cursor = submission.cursor ? readCursor(submission.cursor, keys) : null;
  const mine =
    cursor?.ok && cursor.state.user === submission.actor.userId && cursor.state.epoch === store.epoch;
  return {
    domain: submission.domain,
    actor: submission.actor.userId,
    device: submission.device,
    writer: writerOf(submission.actor.userId, submission.device),
    batchId: submission.batchId,
    receivedAt: 0,
    bookmark: submission.bookmark ?? false,
    read: null,
    changeIds: new Set(),
    failed: new Set(),
    delayed: new Set(),
    waitingRoom: null,
    waiting: new Map(),
    closedTo: new Set(),
    positions: mine ? new Map(Object.entries(cursor.state.positions)) : (submission.positions ?? null),
  };
}

/** 132 bits: it is stored with every edit, so its size is felt. */
const writerOf = (userId: string, device: string | null): string | null =>
  device === null ? null : hash('sha256', `${userId}\n${device}`, 'base64url').slice(0, 22);

function validate(
  tools: Submitting,
  submission: Submission,
  call: Call,
  receipts: (Receipt | null)[],
): ChangeTask[] {
  const domain = tools.registry.domain(submission.domain);
  const now = tools.now();
  const tasks: ChangeTask[] = [];
  const spoilt = new Map<unknown, Refused>();
  const refuse = (index: number, receipt: Refused): void => {
    receipts[index] = receipt;
    noteFailed(call, receipt, domain.name);
  };
  submission.changes.forEach((raw, index) => {
    const checked = validateChange(raw, index, submission, domain, call, now);
    if ('kind' in checked) tasks.push(checked);
    else {
      refuse(index, checked);
      spoilt.set(raw.transactionId ?? null, checked);
    }
  });
  return tasks.filter((task) => {
    const culprit = task.transaction === null ? undefined : spoilt.get(task.transaction);
    if (culprit) refuse(task.index, abortedReceipt(task, culprit));
    else call.changeIds.add(task.change.changeId);
    return !culprit;
  });
}

/** What needs a record whose CREATE was refused fails too, with a reason of its own. */
function noteFailed(call: Call, refused: Refused, domain: string): void {
  if (refused.operation === 'CREATE' && refused.entityId !== null) {
    call.failed.add(recordKey(`${domain}.${refused.entityType}`, refused.entityId.toLowerCase()));
  }
}

/** Rung 6: the device's own order, made safe; members of a transaction group stand together. */
function orderTasks(registry: Registry, tasks: readonly ChangeTask[]): ChangeTask[] {
  const changes = tasks.map((task) => task.change);
  const groups = tasks.map((task) => task.transaction);
  return orderChanges(changes, registry.type, groups).flatMap((at) => tasks[at] ?? []);
}
