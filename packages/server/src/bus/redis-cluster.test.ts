import { expect, test } from 'vitest';
import { ownersIn } from './redis-cluster.ts';

const slots = new Map([
  ['a', 0],
  ['b', 5_461],
  ['c', 16_383],
]);

test('every channel is with the first node of the range that it lies in', () => {
  const answer = [
    [0, 5_460, ['10.0.0.1', 7_000, 'id', []], ['10.0.0.4', 7_003, 'id', []]],
    [5_461, 16_383, ['', 7_001, 'id']],
  ];
  expect([...(ownersIn(answer, slots, '::1:7001') ?? [])]).toEqual([
    ['a', { host: '10.0.0.1', port: 7_000 }],
    ['b', { host: '::1', port: 7_001 }],
    ['c', { host: '::1', port: 7_001 }],
  ]);
});

test('what nobody owns is left out', () => expect(ownersIn([], slots, 'a:1')?.size).toBe(0));

test.each([null, 'OK', [1], [[0, 1]], [[0, 1, ['host']]], [['0', 1, ['host', 1]]]])(
  '%j is no answer',
  (answer) => expect(ownersIn(answer, slots, 'a:1')).toBeNull(),
);
