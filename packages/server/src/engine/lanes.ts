/**
 * Rung 7: where units wait for the next commit. A lane per scope, first in, first out; a unit that needs several
 * scopes stands in all of their lanes and goes when it is first in each. A lane is in one batch at a time.
 */
import { LIMITS } from '@ackord/core';
import type { Unit } from './unit.ts';

export class Lanes {
  /** In the order in which the lanes get their turn. */
  readonly #lanes = new Map<string, Unit[]>();
  /** Changes that wait, per lane. */
  readonly #waiting = new Map<string, number>();
  readonly #busy = new Set<string>();
  readonly #clock: () => number;
  #changes = 0;

  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  /** Changes that wait or are being committed. */
  get depth(): number {
    return this.#changes;
  }

  /** Changes that wait in the lane of a scope. */
  waitingIn(scope: string): number {
    return this.#waiting.get(scope) ?? 0;
  }

  get isEmpty(): boolean {
    return this.#changes === 0;
  }

  /**
   * 0: there is room for a unit. Else its changes get a `retry`, and this is after how many milliseconds it is worth to
   * come again. A lane whose first unit has waited for too long is fed faster than it is emptied, and whatever it takes
   * now is answered when its caller has long given up; other lanes are none the worse for that. An empty lane takes a
   * unit of any size.
   */
  roomAfterMs(unit: Unit): number {
    if (this.#changes + unit.tasks.length > LIMITS.queueChangesMax) return LIMITS.busyRetryMs;
    for (const scope of unit.scopes) {
      const first = this.#lanes.get(scope)?.[0];
      if (first === undefined) continue;
      const waiting = this.#waiting.get(scope) ?? 0;
      if (waiting + unit.tasks.length > LIMITS.laneChangesMax) return LIMITS.busyRetryMs;
      const waited = this.#clock() - first.queuedAt;
      if (waited > LIMITS.laneWaitMsMax) return waited;
    }
    return 0;
  }

  add(unit: Unit): void {
    unit.queuedAt = this.#clock();
    this.#changes += unit.tasks.length;
    this.#enqueue(unit, 'back');
  }

  /** A unit that was taken and could not be decided now: it keeps its place before those that came later. */
  giveBack(unit: Unit): void {
    this.#enqueue(unit, 'front');
  }

  #enqueue(unit: Unit, end: 'front' | 'back'): void {
    for (const scope of unit.scopes) {
      this.#waiting.set(scope, (this.#waiting.get(scope) ?? 0) + unit.tasks.length);
      const lane = this.#lanes.get(scope);
      if (!lane) this.#lanes.set(scope, [unit]);
      else if (end === 'back') lane.push(unit);
      else lane.unshift(unit);
    }
  }

  /**
   * The next batch, or null when nothing is ready. Its lanes are busy until `release`. `mayWait`: it may be one that
   * waits for scopes which another server holds.
   */
  take({ mayWait }: { readonly mayWait: boolean }): Unit[] | null {
    const batch: Unit[] = [];
    const mine = new Set<string>();
    let changes = 0;
    let bytes = 0;
    for (const scope of [...this.#lanes.keys()]) {
      if (this.#busy.has(scope)) continue;
      let turn = 0;
      for (let unit = this.#lanes.get(scope)?.[0]; unit; unit = this.#lanes.get(scope)?.[0]) {
        const size = unit.tasks.length;
        const large = unit.alone || size > LIMITS.batchChangesMax;
        const fits =
          changes + size <= LIMITS.batchChangesMax &&
          bytes + unit.bytes <= LIMITS.batchBytesMax &&
          turn + size <= LIMITS.turnChangesMax;
        if (batch[0] && (large || !fits || !mayShare(batch[0], unit))) break;
        if (!this.#isFree(unit, mine) || (mustWait(unit) && !mayWait)) break;
        this.#dequeue(unit, mine);
        batch.push(unit);
        changes += size;
        bytes += unit.bytes;
        turn += size;
        if (large) return this.#start(batch, mine);
      }
      if (turn > 0) this.#toTheEnd(scope);
      if (batch[0] && mustWait(batch[0])) break;
      if (changes >= LIMITS.batchChangesMax || bytes >= LIMITS.batchBytesMax) break;
    }
    return batch.length > 0 ? this.#start(batch, mine) : null;
  }

  /** The batch is over: its lanes are free, and `finished` of its changes are gone. */
  release(scopes: Iterable<string>, finished: number): void {
    for (const scope of scopes) this.#busy.delete(scope);
    this.#changes -= finished;
  }

  /** First in all its lanes, and none of them is in another batch? */
  #isFree(unit: Unit, mine: ReadonlySet<string>): boolean {
    for (const scope of unit.scopes) {
      if (this.#lanes.get(scope)?.[0] !== unit) return false;
      if (this.#busy.has(scope) && !mine.has(scope)) return false;
    }
    return true;
  }

  #dequeue(unit: Unit, mine: Set<string>): void {
    for (const scope of unit.scopes) {
      mine.add(scope);
      const lane = this.#lanes.get(scope);
      lane?.shift();
      this.#waiting.set(scope, (this.#waiting.get(scope) ?? 0) - unit.tasks.length);
      if (lane?.length !== 0) continue;
      this.#lanes.delete(scope);
      this.#waiting.delete(scope);
    }
  }

  #start(batch: Unit[], mine: ReadonlySet<string>): Unit[] {
    for (const scope of mine) this.#busy.add(scope);
    return batch;
  }

  #toTheEnd(scope: string): void {
    const lane = this.#lanes.get(scope);
    if (!lane) return;
    this.#lanes.delete(scope);
    this.#lanes.set(scope, lane);
  }
}

/** Was it so often in the way of another server that its batch now waits for its scopes? */
export const mustWait = (unit: Unit): boolean => unit.skips >= LIMITS.scopeSkipsMax;

/** Nobody waits for scopes that it has no need of. */
const mayShare = (first: Unit, unit: Unit): boolean =>
  (!mustWait(first) && !mustWait(unit)) ||
  (first.scopes.size === unit.scopes.size && [...first.scopes].every((scope) => unit.scopes.has(scope)));
