import { expect, test } from 'vitest';
import { createTokenBuckets } from './token-buckets.ts';

function bucketsAt(perMinuteMax: number, keysMax = 1_000) {
  let now = 1_000_000;
  const buckets = createTokenBuckets({ perMinuteMax, keysMax, clock: () => now });
  return {
    buckets,
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

test('a full bucket gives as many tokens as fit, then says when the next one comes', () => {
  const { buckets, pass } = bucketsAt(6);
  for (let taken = 0; taken < 6; taken += 1) expect(buckets.take('a')).toEqual({ ok: true });
  expect(buckets.take('a')).toEqual({ ok: false, retryAfterMs: 10_000 });
  pass(9_999);
  expect(buckets.take('a').ok).toBe(false);
  pass(1);
  expect(buckets.take('a')).toEqual({ ok: true });
  expect(buckets.take('a').ok).toBe(false);
});

test('keys do not share tokens', () => {
  const { buckets } = bucketsAt(1);
  expect(buckets.take('a').ok).toBe(true);
  expect(buckets.take('b').ok).toBe(true);
  expect(buckets.take('a').ok).toBe(false);
});

test('of several keys none is charged when one is empty', () => {
  const { buckets } = bucketsAt(2);
  buckets.take('empty');
  buckets.take('empty');
  expect(buckets.take('full', 'empty').ok).toBe(false);
  expect(buckets.take('full').ok).toBe(true);
  expect(buckets.take('full').ok).toBe(true);
});

test('a refund gives a token back, never more than fit', () => {
  const { buckets } = bucketsAt(1);
  buckets.take('a');
  buckets.refund('a');
  buckets.refund('a');
  expect(buckets.take('a').ok).toBe(true);
  expect(buckets.take('a').ok).toBe(false);
});

test('remembers no more keys than allowed, and forgets the longest unused first', () => {
  const { buckets } = bucketsAt(2, 3);
  for (const key of ['a', 'b', 'c']) buckets.take(key);
  buckets.take('a');
  buckets.take('d');
  expect(buckets.size).toBe(3);
  expect(buckets.take('a').ok).toBe(false);
});

test('after a minute of rest nothing is remembered', () => {
  const { buckets, pass } = bucketsAt(10);
  for (let caller = 0; caller < 500; caller += 1) buckets.take(`caller ${caller}`);
  expect(buckets.size).toBe(500);
  pass(60_000);
  buckets.take('next');
  expect(buckets.size).toBe(1);
});
