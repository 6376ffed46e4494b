import { LIMITS } from '@ackord/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PushGate, type Turn } from './push-gate.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Pushes that are decided when they are told to be. */
function ground() {
  const gate = new PushGate();
  const begun: [name: string, turn: Turn][] = [];
  const ends = new Map<string, () => void>();
  const push = (name: string, userId: string, characters = 10) =>
    gate.pass(userId, characters, async (turn) => {
      begun.push([name, turn]);
      if (turn === 'come') await new Promise<void>((resolve) => ends.set(name, resolve));
    });
  /** All places are taken, by somebody whose pushes are not decided. */
  const fill = () => Array.from({ length: LIMITS.pushesAtOnceMax }, (_, at) => push(`x${at}`, 'xaver'));
  const turnsOf = (userId: string) => begun.filter(([name]) => name.startsWith(userId));
  return { push, fill, turnsOf, ends };
}

const soon = () => vi.advanceTimersByTimeAsync(1);

test('users take turns, each in the order of its pushes', async () => {
  const { push, fill, turnsOf, ends } = ground();
  fill();
  for (const name of ['a1', 'a2', 'a3', 'b1']) void push(name, name.slice(0, 1));
  await soon();
  expect([turnsOf('a'), turnsOf('b')]).toEqual([[], []]);
  ends.get('x0')?.();
  ends.get('x1')?.();
  await soon();
  expect([turnsOf('a'), turnsOf('b')]).toEqual([[['a1', 'come']], [['b1', 'come']]]);
  ends.get('b1')?.();
  await soon();
  expect(turnsOf('a').map(([name]) => name)).toEqual(['a1', 'a2']);
});

test('who is held up is in nobody else\u2019s way for long', async () => {
  const { push, fill, turnsOf } = ground();
  fill();
  void push('a1', 'a');
  await vi.advanceTimersByTimeAsync(LIMITS.pushPlaceMsMax - 10);
  expect(turnsOf('a')).toEqual([]);
  await vi.advanceTimersByTimeAsync(20);
  expect(turnsOf('a')).toEqual([['a1', 'come']]);
});

test('what waits is bounded, of each user and of all; there is room again when it has gone', async () => {
  const { push, fill, turnsOf } = ground();
  const { pushWaitingBytesMax: all, pushWaitingBytesEach: each } = LIMITS;
  fill();
  await soon();
  void push('a half', 'a', all / 2 - each);
  void push('a too much', 'a', 0);
  void push('b almost half', 'b', all / 2 - 3 * each);
  void push('b too much', 'b', 3 * each);
  void push('c all the rest', 'c', each);
  void push('d too much', 'd', 0);
  await soon();
  const refused = ['a', 'b', 'c', 'd'].flatMap(turnsOf);
  expect(refused).toEqual(['a', 'b', 'd'].map((user) => [`${user} too much`, 'refused']));
  await vi.advanceTimersByTimeAsync(LIMITS.pushPlaceMsMax);
  expect(turnsOf('c')).toEqual([['c all the rest', 'come']]);
  void push('d again', 'd', all / 2 - each);
  await vi.advanceTimersByTimeAsync(LIMITS.pushPlaceMsMax);
  expect(turnsOf('d').at(-1)).toEqual(['d again', 'come']);
});

test('what has waited for too long is to be sent again', async () => {
  const { push, fill, turnsOf } = ground();
  // Places come free only every half a second, and this one has to wait for more than twenty rounds.
  const rounds = Math.ceil(LIMITS.laneWaitMsMax / LIMITS.pushPlaceMsMax) + 2;
  for (let round = 0; round < rounds; round++) fill();
  void push('x last', 'xaver');
  await vi.advanceTimersByTimeAsync(LIMITS.laneWaitMsMax * 2);
  expect(turnsOf('x last')).toEqual([['x last', 'refused']]);
});
