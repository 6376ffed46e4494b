import { parseDigest } from '@ackord/core';
import { expect, test } from 'vitest';
import { differences } from './compare-digests.ts';

const digest = (text: string) => {
  const parsed = parseDigest(text);
  if (!parsed) throw new Error(text);
  return parsed;
};
const NOTHING = `0:${'0'.repeat(32)}`;
const ONE = `1:${'1'.repeat(32)}`;
const OTHER = `1:${'1'.repeat(31)}2`;
const of = (scope: string, entityType: string, text: string) => ({ scope, entityType, digest: digest(text) });

test('equal sides do not differ, whatever their order', () => {
  const sides = [of('trip:1', 'Trip', ONE), of('trip:1', 'Memory', OTHER)];
  expect(differences(sides, [...sides].reverse())).toEqual([]);
});

test('a type without records is as good as none', () => {
  expect(differences([], [of('trip:1', 'Tag', NOTHING)])).toEqual([]);
});

test('the smallest difference is found, in both directions', () => {
  expect(differences([of('trip:1', 'Trip', ONE)], [of('trip:1', 'Trip', OTHER)])).toEqual([
    { scope: 'trip:1', entityType: 'Trip', phone: ONE, server: OTHER },
  ]);
  expect(differences([], [of('trip:1', 'Trip', ONE)])).toMatchObject([{ phone: NOTHING, server: ONE }]);
  expect(differences([of('trip:1', 'Trip', ONE)], [])).toMatchObject([{ phone: ONE, server: NOTHING }]);
});
