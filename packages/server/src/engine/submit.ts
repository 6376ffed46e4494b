/**
 * The straight line of a change, first half: rungs 3–7 for one submission. Orchestration only; each rung is a file.
 * Answers with one receipt per change, in the order of the submission, when the last of them is decided.
 */
import { hash } from 'node:crypto';
import { type Change, LIMITS, orderChanges, type Registry, readCursor } from '@ackord/core';
import { cursorKeysOf } from './cursor-keys.ts';
import { keepFailures } from './failures.ts';
import type { InOrder } from './in-order.ts';
import type { Lanes } from './lanes.ts';
import type { PageReads } from './page-reads.ts';
import { type Guess, place } from './place.ts';
import type { PlaceReader } from './place-reader.ts';
import type { Store, WaitingChange } from './ports.ts';
import { type GivenMoment, lastRead, momentAfter, NO_MOMENT } from './positions.ts';
import { abortedReceipt, retryReceipt } from './receipts.ts';
import type { Receipt, Refused, Submission, SubmissionResult } from './submission.ts';
import { type Call, type ChangeTask, recordKey, type Task, type Unit } from './unit.ts';
import { unitsOf } from './units-of.ts';
import { isUnreachable } from './unreachable.ts';
import { validateChange } from './validate.ts';

export interface Submitting {
  readonly store: Store;
  readonly reads: PageReads;
  readonly places: PlaceReader;
  readonly registry: Registry;
  readonly lanes: Lanes;
  /** Of users, on their way into the lanes. */
  readonly order: InOrder;
  readonly wake: () => void;
  readonly isStopping: () => boolean;
  /** Wall clock, milliseconds: only to clamp what devices say. */
  readonly now: () => number;
}

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

/** Places the tasks, puts them into their lanes in the order in which the user sent them, and waits until all are decided. */
export async function queue(
  tools: Submitting,
  call: Call,
  tasks: readonly ChangeTask[],
): Promise<readonly Unit[]> {
  const turn = tools.order.enter(call.actor);
  try {
    const parts = await placed(tools, call, tasks);
    if (turn.before) await turn.before;
    const deciding = enqueue(tools, parts);
    turn.leave();
    return await deciding;
  } catch (cause) {
    if (!isUnreachable(cause)) throw cause;
    return [];
  } finally {
    turn.leave();
  }
}

async function placed(
  tools: Submitting,
  call: Call,
  tasks: readonly ChangeTask[],
): Promise<readonly Omit<Unit, 'done'>[]> {
  const { places, registry } = tools;
  const asksWhatWasRead = tasks.some(({ change }) => needsPositions(registry, change));
  const [guess, read] = await Promise.all([
    placeInUnits(places, registry, call.actor, tasks),
    call.bookmark || (asksWhatWasRead && call.positions === null) ? lastReadBy(tools.reads, call) : null,
  ]);
  call.read = read;
  // A cursor that came along tells what the device had read; else its last page does.
  if (asksWhatWasRead && read?.state.epoch === tools.store.epoch)
    call.positions ??= new Map(Object.entries(read.state.positions));
  call.receivedAt = guess.placement.now;
  for (const scope of guess.closed) call.closedTo.add(scope);
  noteWaiting(call, guess.placement.waiting);
  if (guess.missesParents) await countWaiting(tools.store, call);
  return guess.parts;
}

/** Units of one call are told of each other's waiting changes when they are placed, so several are not placed by memory. */
async function placeInUnits(
  places: PlaceReader,
  registry: Registry,
  actor: string,
  tasks: readonly ChangeTask[],
): Promise<Guess & { readonly parts: readonly Omit<Unit, 'done'>[] }> {
  const guess = await place(places, registry, actor, tasks);
  const parts = unitsOf(registry, tasks, guess);
  if (!guess.isRemembered || parts.length <= 1) return { ...guess, parts };
  const read = await place(places, registry, actor, tasks, { mayRecall: false });
  return { ...read, parts: unitsOf(registry, tasks, read) };
}

/** Waits in the lanes; a unit for which there is no room gets its `retry` at once. */
export async function enqueue(
  tools: Submitting,
  parts: readonly Omit<Unit, 'done'>[],
): Promise<readonly Unit[]> {
  const waits: Promise<void>[] = [];
  const units: Unit[] = [];
  for (const part of parts) {
    waits.push(
      new Promise((resolve) => {
        const unit: Unit = { ...part, done: resolve };
        units.push(unit);
        const wait = tools.isStopping() ? LIMITS.busyRetryMs : tools.lanes.roomAfterMs(unit);
        if (wait === 0) tools.lanes.add(unit);
        else {
          for (const task of unit.tasks) refuseForRoom(task, wait);
          resolve();
        }
      }),
    );
  }
  tools.wake();
  await Promise.all(waits);
  return units;
}

/** Those who are sent away together come back one after the other. */
function refuseForRoom(task: Task, waitMs: number): void {
  const retryAfterMs = Math.round(waitMs * (1 + Math.random()));
  if (task.kind === 'change') task.receipt = retryReceipt(task, 'BUSY', retryAfterMs);
  else task.result = { ok: false, code: 'BUSY', message: 'The server is busy or stopping.' };
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

export async function countWaiting(store: Store, call: Call): Promise<void> {
  call.waitingRoom = LIMITS.waitingPerActorMax - (await store.waitingOf(call.actor)).length;
}

/** Does it matter what its device had read: of the things that go along with a deletion, or of the record itself? */
const needsPositions = (registry: Registry, { operation, origin, type }: Change): boolean =>
  operation === 'DELETE'
    ? origin === 'legacy' || registry.type(type).children.length > 0
    : operation === 'UPDATE' && origin === 'legacy';

const lastReadBy = (reads: PageReads, { actor, device, domain }: Call) =>
  lastRead(reads, { userId: actor, device, domain });

export function noteWaiting(call: Call, waiting: readonly WaitingChange[]): void {
  for (const change of waiting) {
    const key = recordKey(change.target.type, change.target.id);
    const known = call.waiting.get(key) ?? [];
    if (known.every(({ id }) => id !== change.id)) call.waiting.set(key, [...known, change]);
  }
}
