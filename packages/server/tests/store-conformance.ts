/**
 * What every store must do. `registerStoreTests` registers a block of tests that run against what the factory makes;
 * the stores in memory and on PostgreSQL both pass it. All tests share one store and use ids of their own, so the
 * store may be in use, and none depends on another.
 */
import type { Registry } from '@ackord/core';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Store } from '../src/engine/ports.ts';
import { registerBatchDetailTests } from './store/batch-details.ts';
import { registerBatchReadTests } from './store/batch-reads.ts';
import { registerConflictTests } from './store/conflicts.ts';
import { registerDutyTests } from './store/duties.ts';
import { registerFailureTests } from './store/failures.ts';
import { registerFeedTests } from './store/feed.ts';
import { registerListTests } from './store/lists.ts';
import { registerLockingTests } from './store/locking.ts';
import { registerOutcomeTests } from './store/outcomes.ts';
import { storeTestRegistry, type World } from './store/shelf.ts';
import { registerSnapshotTests } from './store/snapshots.ts';
import { registerWaitingTests } from './store/waiting-and-bookmarks.ts';
import { registerWriteTests } from './store/writes.ts';

export { storeTestRegistry } from './store/shelf.ts';

export interface StoreUnderTest {
  readonly store: Store;
  /** What the store was made for: `storeTestRegistry`. */
  readonly registry: Registry;
  /** Another handle on the same data, as a second server would have. */
  readonly second?: Store;
  close(): Promise<void>;
}

/** `factory` runs once, before the tests; it must allow for at least three transactions at a time. */
export function registerStoreTests(name: string, factory: () => Promise<StoreUnderTest>): void {
  describe(`store: ${name}`, () => {
    let subject: StoreUnderTest | null = null;
    beforeAll(async () => {
      subject = await factory();
      if (subject.registry !== storeTestRegistry) throw new Error('Make the store for storeTestRegistry.');
    });
    afterAll(() => subject?.close());

    const world = (): World => {
      if (!subject) throw new Error('The factory made no store.');
      return { store: subject.store, second: subject.second ?? subject.store };
    };
    describe('locking', () => registerLockingTests(world));
    describe('what a batch reads first', () => registerBatchReadTests(world));
    describe('what a batch reads second', () => registerBatchDetailTests(world));
    describe('writes', () => registerWriteTests(world));
    describe('outcomes', () => registerOutcomeTests(world));
    describe('feed', () => registerFeedTests(world));
    describe('snapshots', () => registerSnapshotTests(world));
    describe('lists', () => registerListTests(world));
    describe('conflicts', () => registerConflictTests(world));
    describe('rejected changes', () => registerFailureTests(world));
    describe('duties', () => registerDutyTests(world));
    describe('waiting changes and bookmarks', () => registerWaitingTests(world));
  });
}
