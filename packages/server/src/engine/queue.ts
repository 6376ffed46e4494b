/**
 * From a submission's tasks to units in their lanes: placed, in the order in which their user sent them, and decided when
 * this resolves.
 */
import { type Change, LIMITS, type Registry } from '@ackord/core';
import type { InOrder } from './in-order.ts';
import type { Lanes } from './lanes.ts';
import type { PageReads } from './page-reads.ts';
import { type Guess, place } from './place.ts';
import type { PlaceReader } from './place-reader.ts';
import type { Store, WaitingChange } from './ports.ts';
import { lastRead } from './positions.ts';
import { retryReceipt } from './receipts.ts';
import { type Call, type ChangeTask, recordKey, type Task, type Unit } from './unit.ts';
import { unitsOf } from './units-of.ts';
import { isUnreachable } from './unreachable.ts';

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

/** The units with their results; none where the store can't be reached. */
export async function queue(
  tools: Submitting,
  call: Call,
  tasks: readonly ChangeTask[],
): Promise<readonly Unit[]> {
  const turn = tools.order.enter(call.actor);
  try {
    const parts = await placed(tools, call, tasks);
    if (turn.before) await turn.before;
    // They stand in their lanes as soon as this returns: whoever comes next need not wait for the decision.
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

export async function countWaiting(store: Store, call: Call): Promise<void> {
  call.waitingRoom = LIMITS.waitingPerActorMax - (await store.waitingOf(call.actor)).length;
}

/** Does it matter what its device had read: of the things that go along with a deletion, or of the record itself? */
const needsPositions = (registry: Registry, { operation, origin, type }: Change): boolean =>
  operation === 'DELETE'
    ? origin === 'legacy' || registry.type(type).children.length > 0
    : operation === 'UPDATE' && origin === 'legacy';

export const lastReadBy = (reads: PageReads, { actor, device, domain }: Call) =>
  lastRead(reads, { userId: actor, device, domain });

export function noteWaiting(call: Call, waiting: readonly WaitingChange[]): void {
  for (const change of waiting) {
    const key = recordKey(change.target.type, change.target.id);
    const known = call.waiting.get(key) ?? [];
    if (known.every(({ id }) => id !== change.id)) call.waiting.set(key, [...known, change]);
  }
}
