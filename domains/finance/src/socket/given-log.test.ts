import { describe, expect, test } from 'vitest';
import { createGivenLog } from './given-log.ts';
import { createToldLog } from './told-log.ts';

const KEY = 'finance.Tag t/a';

/** A socket that answers when the test says so, on a clock of the test. */
function ground() {
  let now = 0;
  const asked: (() => void)[] = [];
  const told = createToldLog();
  const log = createGivenLog({
    socket: { probe: (answered) => asked.push(answered) },
    sessionId: 'me',
    // Rooms of no size ask as often as any.
    room: { told, size: 0 },
    joinedAt: () => 0,
    clock: () => now,
  });
  return {
    log,
    told,
    asked,
    answerAt(time: number) {
      now = time;
      asked.shift()?.();
    },
    wait: (time: number) => {
      now = time;
    },
  };
}

describe('seen', () => {
  test('from the answer on: not when it was sent, and not before', () => {
    const { log, answerAt } = ground();
    log.sentAll(7);
    expect(log.seenAt(KEY, 50)).toBe(0);
    answerAt(100);
    expect(log.seenAt(KEY, 99)).toBe(0);
    expect(log.seenAt(KEY, 100)).toBe(7);
    expect(log.seenAt(KEY, null)).toBe(0);
    expect(log.arrivedTo).toBe(7);
  });

  test('without a load, only records that were sent', () => {
    const { log, told, answerAt } = ground();
    told.note([{ key: KEY, seq: 5, device: 'other' }]);
    log.told(5);
    answerAt(100);
    expect(log.seenAt(KEY, 100)).toBe(5);
    expect(log.seenAt('finance.Tag t/b', 100)).toBe(0);
  });
});

test('a load does not bring what was in the queue to be deleted when it came, until that is told for itself', () => {
  const { log, answerAt, wait } = ground();
  log.sentAll(7);
  answerAt(100);
  log.deletedThere(KEY, 99);
  log.deletedThere('finance.Tag t/later', 100);
  expect(log.seenAt(KEY, 200)).toBe(0);
  expect(log.seenAt('finance.Tag t/later', 200)).toBe(7);
  wait(1_000);
  log.sentRecord(KEY, 8);
  expect(log.seenAt(KEY, 1_000)).toBe(0);
  answerAt(1_050);
  expect(log.seenAt(KEY, 1_050)).toBe(8);
});

test('a question is as old as its asking, not as its answer', () => {
  const { log, answerAt, wait } = ground();
  expect(log.askedAt).toBe(Number.NEGATIVE_INFINITY);
  wait(40);
  log.sentAnswer();
  expect(log.askedAt).toBe(Number.NEGATIVE_INFINITY);
  answerAt(90);
  expect(log.askedAt).toBe(40);
  expect(log.arrivedTo).toBe(0);
});

test('what was told once more may have come after an edit, though it had come before, too', () => {
  const { log, asked, answerAt, wait } = ground();
  log.sentAll(7);
  answerAt(100);
  expect(log.mayHaveComeAfter(KEY, 100)).toBe(false);
  wait(1_000);
  log.sentRecord(KEY, 5);
  expect(log.mayHaveComeAfter(KEY, 1_000)).toBe(true);
  expect(log.mayHaveComeAfter('finance.Tag t/b', 1_000)).toBe(false);
  expect(asked).toHaveLength(1);
  answerAt(1_050);
  expect(log.mayHaveComeAfter(KEY, 1_049)).toBe(true);
  expect(log.mayHaveComeAfter(KEY, 1_050)).toBe(false);
});
