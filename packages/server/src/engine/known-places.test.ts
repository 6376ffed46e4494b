/** What is remembered of where records lie: only what is certain enough for a guess, and not for long. */
import { LIMITS } from '@ackord/core';
import { beforeEach, expect, test } from 'vitest';
import { KnownPlaces } from './known-places.ts';
import type { Location, Membership } from './ports.ts';

const SCOPE = 'trip:1';
const key = { type: 'travel.Memory', id: 'm1' };
const location: Location = { ...key, scope: SCOPE, aliasOf: null };
const membership: Membership = {
  scope: SCOPE,
  userId: 'ann',
  role: 'EDITOR',
  grantedAt: 1,
  revokedAt: null,
};
const nothing = { now: 0, locations: [], memberships: [], waiting: [], hasWaiting: false };
const seen = { ...nothing, locations: [location], memberships: [membership] };

let now = 0;
let known: KnownPlaces;
beforeEach(() => {
  now = 0;
  known = new KnownPlaces(() => now);
});

const recall = (more: { userId?: string; scopes?: string[]; own?: string[]; mayWait?: boolean } = {}) => {
  const { userId = 'ann', scopes = [], own = [], mayWait = true } = more;
  return known.recall({ userId, keys: [key], scopes }, { own: new Set(own), mayWait });
};

test('what was seen is known, for a while', () => {
  expect(recall()).toBeNull();
  known.note('ann', seen);
  expect(recall()).toEqual([location]);
  now = LIMITS.placeKnownMs;
  expect(recall()).toBeNull();
});

test('of nobody else, and in no other scope', () => {
  known.note('ann', seen);
  known.note('bob', nothing);
  expect(recall({ userId: 'bob' })).toBeNull();
  expect(recall({ userId: 'bob', own: [SCOPE] })).toEqual([location]);
  expect(recall({ scopes: [SCOPE] })).toEqual([location]);
  expect(recall({ scopes: ['trip:2'] })).toBeNull();
});

test('a role that has ended, and an alias, count for nothing', () => {
  known.note('ann', { ...seen, memberships: [{ ...membership, revokedAt: 2 }] });
  expect(recall()).toBeNull();
  known.note('ann', seen);
  expect(recall()).toEqual([location]);
  known.note('ann', { ...nothing, locations: [{ ...location, aliasOf: 'm2' }] });
  expect(recall()).toBeNull();
});

test('nobody is known of whom something waits, unless it does not matter', () => {
  known.note('ann', seen);
  known.note('ann', { ...nothing, hasWaiting: true });
  expect(recall()).toBeNull();
  expect(recall({ mayWait: false })).toEqual([location]);
});

test('it is bounded: what was seen long ago goes first', () => {
  known.note('ann', seen);
  const others = Array.from({ length: LIMITS.locationsKnownMax - 1 }, (_, at) => ({
    ...location,
    id: `x${at}`,
  }));
  known.note('ann', { ...nothing, locations: others });
  expect(recall()).toEqual([location]);
  known.note('ann', { ...nothing, locations: [{ ...location, id: 'last' }] });
  expect(recall()).toBeNull();
});
