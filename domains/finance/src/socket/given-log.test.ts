import { LIMITS } from '@ackord/core';
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
    const { log, told, answerAt, wait } = ground();
    told.note([{ key: KEY, seq: 5, device: 'other' }]);
    log.told(5);
    answerAt(100);
    expect(log.seenAt(KEY, 100)).toBe(5);
    expect(log.seenAt('finance.Tag t/b', 100)).toBe(0);
    // So many records have moved since that nobody knows any more of which ones it was told.
    const others = Array.from(
      { length: LIMITS.socketRecordsRememberedMax + 1 },
      (_, at) => `finance.Tag t/${at}`,
    );
    told.note(others.map((key, at) => ({ key, seq: 6 + at, device: 'other' })));
    wait(1_000);
    log.told(6 + others.length);
    answerAt(1_050);
    expect(log.arrivedTo).toBe(6 + others.length);
    expect(log.seenAt(KEY, 1_050)).toBe(0);
    expect(log.seenAt('finance.Tag t/never', 1_050)).toBe(0);
    expect(log.seenAt('finance.Tag t/4000', 1_050)).toBe(6 + others.length);
    expect(log.mayHaveComeAfter('finance.Tag t/never', 500)).toBe(true);
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

test('a state that is older than the load, told after it, is not there before it has arrived', () => {
  const { log, answerAt, wait } = ground();
  log.sentAll(7);
  answerAt(100);
  log.deletedThere(KEY, 99);
  wait(1_000);
  log.sentRecord(KEY, 3);
  expect(log.seenAt(KEY, 1_000)).toBe(0);
  answerAt(1_050);
  expect(log.seenAt(KEY, 1_049)).toBe(0);
  expect(log.seenAt(KEY, 1_050)).toBe(7);
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

test('of what is not remembered any more the safe side is taken', () => {
  const { log, answerAt, wait } = ground();
  log.sentRecord(KEY, 3);
  answerAt(100);
  wait(1_000);
  log.sentRecord('finance.Tag t/b', 4);
  answerAt(1_050);
  wait(2_000);
  log.sentRecord('finance.Tag t/c', 5);
  answerAt(2_050);
  // By the answer of 1,050 the first one had long arrived, by then the second one, too.
  expect(log.mayHaveComeAfter(KEY, 50)).toBe(true);
  expect(log.mayHaveComeAfter('finance.Tag t/b', 500)).toBe(true);
  expect(log.mayHaveComeAfter('finance.Tag t/b', 1_500)).toBe(false);
  expect(log.mayHaveComeAfter('finance.Tag t/c', 1_500)).toBe(true);
  expect(log.mayHaveComeAfter('finance.Tag t/c', 2_050)).toBe(false);
  expect(log.seenAt(KEY, 2_050)).toBe(0);
});
