/**
 * What may happen to a few devices that share trips: plans of small steps, made by fast-check. Every number in a step
 * is an index that is taken modulo whatever there is to choose from, so any part of a plan is a plan: shrinking works.
 */
import { CONFLICT_STRATEGIES, type ConflictStrategy } from '@ackord/core';
import fc from 'fast-check';

export const TYPE_NAMES = [
  'Trip',
  'Memory',
  'MediaItem',
  'GPXTrack',
  'Tag',
  'TagCategory',
  'BucketListItem',
] as const;
export type TypeName = (typeof TYPE_NAMES)[number];

/** An edit that a person makes on a device, offline. */
export type EditStep =
  | { readonly act: 'create'; readonly type: TypeName; readonly parent: number; readonly value: number }
  /** `fields`: bits that say which; `whole`: sends the whole row, as clients of the plan do. */
  | {
      readonly act: 'update';
      readonly record: number;
      readonly fields: number;
      readonly value: number;
      readonly whole: boolean;
    }
  | { readonly act: 'delete'; readonly record: number }
  /** Gives a memory, a media item or a track another parent. */
  | { readonly act: 'move'; readonly record: number; readonly parent: number }
  /** Tags a memory with a choice of the tags in sight. */
  | { readonly act: 'tags'; readonly record: number; readonly value: number }
  /** A change with a value that no field takes. */
  | { readonly act: 'spoilt'; readonly type: TypeName; readonly parent: number; readonly value: number }
  /** A change of a record that the user has never seen. */
  | {
      readonly act: 'foreign';
      readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
      readonly record: number;
      readonly value: number;
    };

/** What becomes of a push: its answer arrives, or the request is lost, or the answer is. */
export type Fate = 'answered' | 'request-lost' | 'answer-lost';
export type StoreFault = 'again' | 'unavailable' | 'lost-answer';

export type Step =
  | { readonly kind: 'edit'; readonly device: number; readonly edit: EditStep }
  | { readonly kind: 'group'; readonly device: number; readonly edits: readonly EditStep[] }
  /** `poison`: index of a change whose statement fails once; null: none. */
  | {
      readonly kind: 'push';
      readonly device: number;
      readonly count: number;
      readonly fate: Fate;
      readonly fault: StoreFault | null;
      readonly poison: number | null;
      readonly beside: boolean;
    }
  /** `lost`: the page of this number does not arrive, and the device asks again the next time. */
  | {
      readonly kind: 'pull';
      readonly device: number;
      readonly limit: number;
      readonly pages: number;
      readonly lost: number | null;
      readonly beside: boolean;
    }
  /** Everything sent, everything read, and nothing goes wrong. */
  | { readonly kind: 'sync'; readonly device: number; readonly beside: boolean }
  | {
      readonly kind: 'share';
      readonly device: number;
      readonly trip: number;
      readonly role: 'OWNER' | 'EDITOR' | 'VIEWER' | null;
      readonly beside: boolean;
    }
  | {
      readonly kind: 'resolve';
      readonly device: number;
      readonly conflict: number;
      readonly strategy: ConflictStrategy;
      readonly value: number;
      readonly whole: boolean;
      readonly beside: boolean;
    }
  | { readonly kind: 'back-up' | 'restore'; readonly device: number }
  /** Nobody does anything for a while. */
  | { readonly kind: 'pause'; readonly minutes: number }
  /** The server is started anew on its database; what it was doing is cut off. */
  | { readonly kind: 'restart' };

/**
 * How a device says where it goes on reading: by the cursor of its last page, or, as clients of the plan do, by the
 * last moment that the server answered anything with.
 */
export type ReadingBy = 'cursor' | 'moment';

export interface Plan {
  readonly strategy: ConflictStrategy;
  /** How wrong the clock of each device is, in minutes. */
  readonly clockOffsets: readonly [number, number, number];
  readonly readingBy: readonly [ReadingBy, ReadingBy, ReadingBy];
  /** The server's clock stands but for pauses: everything in between happens in one millisecond. */
  readonly clockStands: boolean;
  /** Decides how calls to the store interleave. */
  readonly interleaving: number;
  /** Everybody begins with a shared trip with something in it; else there is nothing yet. */
  readonly furnished: boolean;
  readonly steps: readonly Step[];
}

export const DEVICES = 3;
/** Lengths are spread evenly, so half of the plans have more than 30 steps. */
const STEPS_MAX = 60;
const DAY_MINUTES = 24 * 60;

const index = fc.nat(11);
const device = fc.nat(DEVICES - 1);
const seldom = fc.constantFrom(false, false, false, false, true);

const edit: fc.Arbitrary<EditStep> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      act: fc.constant('create' as const),
      type: fc.constantFrom(...TYPE_NAMES, 'Memory', 'Trip', 'Tag'),
      parent: index,
      value: index,
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      act: fc.constant('update' as const),
      record: index,
      fields: fc.integer({ min: 1, max: 1023 }),
      value: index,
      whole: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('delete' as const), record: index }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('move' as const), record: index, parent: index }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('tags' as const), record: index, value: index }) },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('foreign' as const),
      operation: fc.constantFrom('CREATE' as const, 'UPDATE' as const, 'DELETE' as const),
      record: index,
      value: index,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('spoilt' as const),
      type: fc.constantFrom(...TYPE_NAMES),
      parent: index,
      value: index,
    }),
  },
);

const push: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('push' as const),
  device,
  count: fc.integer({ min: 1, max: 6 }),
  fate: fc.constantFrom<Fate>('answered', 'answered', 'answered', 'request-lost', 'answer-lost'),
  fault: fc.constantFrom<StoreFault | null>(null, null, null, null, 'again', 'unavailable', 'lost-answer'),
  poison: fc.constantFrom<number | null>(null, null, null, null, null, 0, 1, 2),
  beside: seldom,
});

const pull: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('pull' as const),
  device,
  limit: fc.integer({ min: 1, max: 10 }),
  pages: fc.integer({ min: 1, max: 4 }),
  lost: fc.constantFrom<number | null>(null, null, null, 0, 1),
  beside: seldom,
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('edit' as const), device, edit }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('group' as const),
      device,
      edits: fc.array(edit, { minLength: 2, maxLength: 3 }),
    }),
  },
  { weight: 5, arbitrary: push },
  { weight: 4, arbitrary: pull },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('sync' as const), device, beside: seldom }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('share' as const),
      device,
      trip: index,
      role: fc.constantFrom('OWNER' as const, 'EDITOR' as const, 'EDITOR' as const, 'VIEWER' as const, null),
      beside: seldom,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('resolve' as const),
      device,
      conflict: index,
      strategy: fc.constantFrom(...CONFLICT_STRATEGIES),
      value: index,
      whole: fc.boolean(),
      beside: seldom,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('back-up' as const, 'restore' as const), device }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('pause' as const),
      minutes: fc.integer({ min: 1, max: DAY_MINUTES }),
    }),
  },
);

const clockOffset = fc.oneof(
  fc.constant(0),
  fc.integer({ min: -DAY_MINUTES, max: DAY_MINUTES }),
  fc.constantFrom(-DAY_MINUTES, DAY_MINUTES),
);

const readingBy = fc.constantFrom<ReadingBy>('cursor', 'cursor', 'moment');

/** Plans of up to `stepsMax` steps. */
export const plans = (stepsMax = STEPS_MAX): fc.Arbitrary<Plan> =>
  fc.record({
    strategy: fc.constantFrom(...CONFLICT_STRATEGIES),
    clockOffsets: fc.tuple(clockOffset, clockOffset, clockOffset),
    readingBy: fc.tuple(readingBy, readingBy, readingBy),
    clockStands: fc.constantFrom(false, false, true),
    interleaving: fc.nat(),
    furnished: fc.boolean(),
    steps: fc.array(step, { maxLength: stepsMax, size: 'max' }),
  });

const furniture = (type: TypeName, value: number): Step => ({
  kind: 'edit',
  device: 0,
  edit: { act: 'create', type, parent: 0, value },
});
const sync = (device: number): Step => ({ kind: 'sync', device, beside: false });

/** What happens before a furnished plan. */
export const FURNISHING: readonly Step[] = [
  furniture('Trip', 0),
  furniture('Memory', 5),
  furniture('MediaItem', 1),
  furniture('Tag', 0),
  furniture('GPXTrack', 0),
  sync(0),
  { kind: 'share', device: 0, trip: 0, role: 'EDITOR', beside: false },
  sync(1),
  sync(2),
];
