/**
 * The committers: a few loops that draw batches from the lanes as long as there are any. While one batch commits, the
 * next one gathers; that is the group commit. A commit costs the same for one change as for dozens, so few changes wait
 * for company as long as a batch is under way that will soon be over; many, or a slow one, get a committer of their own.
 * (200 callers with a scope each: half as much again per second as with a committer for whatever is ready.)
 */
import { LIMITS } from '@ackord/core';
import { announce } from './announce.ts';
import { type Committing, commitBatch } from './commit.ts';
import { type Lanes, mustWait } from './lanes.ts';
import type { Bus, Observer, RecordKey } from './ports.ts';
import { isAcknowledged } from './receipts.ts';
import { refuseUnits } from './refuse.ts';
import type { Unit } from './unit.ts';

export interface CommitterTools extends Committing {
  readonly lanes: Lanes;
  readonly bus: Bus;
  /** Places a unit again that turned out to need other scopes. */
  readonly replace: (unit: Unit, scopes: readonly string[]) => void;
  /** Decides changes that waited for what has arrived, or for what these units did. */
  readonly release: (units: readonly Unit[], arrived: readonly RecordKey[]) => void;
}

export class Committers {
  readonly #tools: CommitterTools;
  #running = 0;
  #changesUnderWay = 0;
  /** Batches that began a short while ago. */
  #young = 0;
  /** Those among them that wait for scopes of another server. */
  #waiting = 0;
  #idle: (() => void)[] = [];

  constructor(tools: CommitterTools) {
    this.#tools = tools;
  }

  /** Starts as many committers as there are batches ready, up to the limit. */
  wake(): void {
    while (this.#running < LIMITS.committers && !this.#isGathering()) {
      // One is always left for all other scopes: the other server may be frozen, and hold its scopes for long.
      const batch = this.#tools.lanes.take({ mayWait: this.#waiting < LIMITS.waitingCommittersMax });
      if (!batch) break;
      this.#running++;
      void this.#run(batch);
    }
    if (this.#running === 0 && this.#tools.lanes.isEmpty)
      for (const resolve of this.#idle.splice(0)) resolve();
  }

  #isGathering(): boolean {
    return this.#young > 0 && this.#tools.lanes.depth - this.#changesUnderWay < LIMITS.gatherChangesMax;
  }

  /** Resolves when nothing waits and nothing is being committed. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.wake();
    });
  }

  async #run(batch: readonly Unit[]): Promise<void> {
    const { lanes, observer, release } = this.#tools;
    const scopes = new Set(batch.flatMap((unit) => [...unit.scopes]));
    const changes = batch.reduce((sum, unit) => sum + unit.tasks.length, 0);
    const started = performance.now();
    const waits = batch.some(mustWait);
    if (waits) this.#waiting++;
    this.#changesUnderWay += changes;
    const grow = this.#beYoung();
    let back = 0;
    try {
      const end = await commitBatch(this.#tools, batch);
      observer.batchCommitted({
        changes,
        scopes: scopes.size,
        milliseconds: performance.now() - started,
        attempts: end.attempts,
      });
      announce(this.#tools.bus, end.announcements);
      for (const unit of [...end.skipped].reverse()) {
        unit.skips++;
        lanes.giveBack(unit);
        back += unit.tasks.length;
      }
      const left = new Set([...end.skipped, ...end.misplaced.keys()]);
      const finished = batch.filter((unit) => !left.has(unit));
      for (const unit of finished) observeConflicts(observer, unit);
      release(finished, end.arrived);
      for (const unit of finished) unit.done();
      for (const [unit, needed] of end.misplaced) this.#tools.replace(unit, needed);
      if (end.skipped.length === batch.length) await briefPause(end.skipped[0]?.skips ?? 1);
    } catch (cause) {
      // A defect of ours: nobody is left waiting for it.
      observer.defect({
        where: 'commit',
        cause: String(cause instanceof Error ? (cause.stack ?? cause.message) : cause),
        changeId: null,
      });
      refuseUnits(batch, 'INTERNAL');
      for (const unit of batch) unit.done();
    } finally {
      lanes.release(scopes, changes - back);
      observer.queueDepth(lanes.depth);
      grow();
      this.#running--;
      this.#changesUnderWay -= changes;
      if (waits) this.#waiting--;
      this.wake();
    }
  }

  /** Counts a batch as young until it has taken too long, or the returned function is called. */
  #beYoung(): () => void {
    let isYoung = true;
    this.#young++;
    const grow = (): void => {
      clearTimeout(timer);
      if (isYoung) this.#young--;
      isYoung = false;
    };
    const timer = setTimeout(() => {
      grow();
      this.wake();
    }, LIMITS.gatherMsMax);
    return grow;
  }
}

function observeConflicts(observer: Observer, unit: Unit): void {
  for (const task of unit.tasks) {
    if (task.kind !== 'change' || !task.receipt || !isAcknowledged(task.receipt) || task.receipt.replayed)
      continue;
    const { conflict } = task.receipt;
    if (conflict)
      observer.conflict({
        type: conflict.type,
        conflictType: conflict.conflictType,
        outcome: conflict.winner ?? conflict.status,
      });
  }
}

/** Another server holds all of our scopes: asking again at once would only burn its processor. */
const briefPause = (skips: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.min(50, 2 ** skips * Math.random() * 4)));
