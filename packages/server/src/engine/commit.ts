/**
 * Rungs 8–11: commits a batch of units. One transaction locks, reads, decides and writes; what could not be decided
 * here is told apart, and a statement that fails is narrowed down to the change that is to blame.
 */
import { LIMITS, type Registry } from '@ackord/core';
import { type Announcement, announcementsOf } from './announcement.ts';
import { decideBatch, type Misplaced } from './decide-batch.ts';
import { isolate } from './isolate.ts';
import { mustWait } from './lanes.ts';
import { loadBatch, readOf } from './load.ts';
import type { Bookmark, Observer, RecordKey, Store, StoreTransaction } from './ports.ts';
import { type GivenMoment, momentAfter } from './positions.ts';
import { refuseUnits } from './refuse.ts';
import type { Rules } from './situation-of.ts';
import type { Unit } from './unit.ts';
import { arrivedIn, writesOf } from './write.ts';

export interface Committing {
  readonly store: Store;
  readonly registry: Registry;
  readonly rules: Rules;
  readonly observer: Observer;
  /** How often each change has failed by a defect, by actor and change id. */
  readonly failures: Map<string, number>;
}

export interface Committed {
  /** Of the scopes that moved. */
  readonly announcements: readonly Announcement[];
  /** Records that are there now and were not before, as far as others may belong to them. */
  readonly arrived: readonly RecordKey[];
  readonly now: number;
  /** Another server holds a scope of these just now. */
  readonly skipped: readonly Unit[];
  readonly misplaced: Misplaced;
  readonly attempts: number;
}

const nothing = (attempts: number): Committed => ({
  announcements: [],
  arrived: [],
  now: 0,
  skipped: [],
  misplaced: new Map(),
  attempts,
});

/** Commits what can be. Every unit that is in neither `skipped` nor `misplaced` has its results afterwards. */
export async function commitBatch(tools: Committing, units: readonly Unit[]): Promise<Committed> {
  for (let attempt = 1; ; attempt++) {
    const end = await tryOnce(tools, units);
    switch (end.outcome) {
      case 'committed':
        return { ...end.value, attempts: attempt };
      case 'again':
        if (attempt < LIMITS.commitAttemptsMax) continue;
        refuseUnits(units, 'BUSY');
        return nothing(attempt);
      case 'unavailable':
        // Perhaps it was committed: the same change ids find their receipts when they come again.
        refuseUnits(units, 'UNAVAILABLE');
        return nothing(attempt);
      case 'refused':
        return isolate(tools, units, end.cause, commitBatch);
    }
  }
}

async function tryOnce({ store, registry, rules }: Committing, units: readonly Unit[]) {
  let takeBack = (): void => {};
  let settle = (): void => {};
  const work = async (transaction: StoreTransaction) => {
    const wanted = new Set(units.flatMap((unit) => [...unit.scopes]));
    // Then all of the batch need the same scopes: lanes.ts sees to that.
    const wait = units.some(mustWait);
    // In vain where another server holds a scope, and who was skipped before may well be so again.
    const isLikely = wait || units.every(({ skips }) => skips === 0);
    const along = isLikely ? readOf(registry, [...wanted], units) : null;
    const locks = await transaction.lockScopes([...wanted], { wait, along });
    const held = new Set(locks.skipped);
    const skipped = units.filter((unit) => [...unit.scopes].some((scope) => held.has(scope)));
    let mine = units.filter((unit) => !skipped.includes(unit));
    const misplaced = new Map<Unit, readonly string[]>();
    if (mine.length === 0) return { announcements: [], arrived: [], now: locks.now, skipped, misplaced };
    const freshCopy = await loadBatch(transaction, registry, locks, mine);
    for (;;) {
      const copy = freshCopy();
      const decided = decideBatch(copy, mine, rules);
      takeBack = decided.takeBack;
      if (decided.misplaced.size > 0) {
        decided.takeBack();
        for (const [unit, scopes] of decided.misplaced) misplaced.set(unit, scopes);
        mine = mine.filter((unit) => !decided.misplaced.has(unit));
        continue;
      }
      noteBookmarks(copy, mine);
      const writes = writesOf(copy);
      await transaction.write(writes);
      settle = () => {
        decided.settle();
        for (const unit of mine) unit.committedAt = locks.now;
      };
      const announcements = announcementsOf(copy, writes);
      return { announcements, arrived: arrivedIn(copy), now: locks.now, skipped, misplaced };
    }
  };
  const end = await store.transaction(work).catch(refusedByDefect);
  if (end.outcome === 'committed') settle();
  else takeBack();
  return end;
}

/** A decision that throws is a defect of ours, but it is no reason either to harm whoever is in the same batch. */
const refusedByDefect = (defect: unknown) => ({
  outcome: 'refused' as const,
  cause: String(defect instanceof Error ? (defect.stack ?? defect.message) : defect),
});

/** The moment that a submission is answered with stands for where its device last was, not for today. */
function noteBookmarks(
  copy: { readonly now: number; readonly bookmarks: Bookmark[] },
  units: readonly Unit[],
): void {
  const moments = new Map<string, Bookmark>();
  for (const call of new Set(units.flatMap((unit) => unit.tasks.map((task) => task.call)))) {
    if (!call.bookmark) continue;
    const key = `at ${momentAfter(call.read, copy.now)}`;
    const other = moments.get(`${call.actor} ${key}`)?.state as GivenMoment | undefined;
    const isShared = other !== undefined && other.device !== call.device;
    const state: GivenMoment = isShared
      ? { device: null, read: null }
      : { device: call.device, read: call.read?.state ?? null };
    moments.set(`${call.actor} ${key}`, { userId: call.actor, key, state });
  }
  copy.bookmarks.push(...moments.values());
}
