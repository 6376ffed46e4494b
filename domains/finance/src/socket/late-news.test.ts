import { expect, test } from 'vitest';
import { LateNews } from './late-news.ts';

const watched = (isWanted: () => boolean) => {
  const reads: number[] = [];
  const waiting: (() => void)[] = [];
  const late = new LateNews({
    isWanted,
    tellAgain(after) {
      reads.push(after);
      return new Promise((resolve) => waiting.push(resolve));
    },
  });
  const finishOne = async (): Promise<void> => {
    while (waiting.length === 0) await new Promise(setImmediate);
    waiting.shift()?.();
  };
  return { late, reads, finishOne };
};

test('sockets that end together are one read, from the lowest position; those that end meanwhile are one more', async () => {
  const { late, reads, finishOne } = watched(() => true);
  const first = [late.tellFrom(9), late.tellFrom(4), late.tellFrom(7)];
  await new Promise(setImmediate);
  expect(reads).toEqual([4]);
  const second = [late.tellFrom(12), late.tellFrom(5)];
  await finishOne();
  await finishOne();
  await Promise.all([...first, ...second]);
  expect(reads).toEqual([4, 5]);
  const third = late.tellFrom(20);
  await finishOne();
  await third;
  expect(reads).toEqual([4, 5, 20]);
});

test('nobody remains: nothing is read', async () => {
  let left = 2;
  const { late, reads } = watched(() => left > 0);
  const ends = [late.tellFrom(3), late.tellFrom(4)];
  left = 0;
  await Promise.all(ends);
  expect(reads).toEqual([]);
});

test('what could not be read is read when the next socket ends', async () => {
  const reads: number[] = [];
  let isAway = true;
  const late = new LateNews({
    isWanted: () => true,
    async tellAgain(after) {
      if (isAway) throw new Error('away');
      reads.push(after);
    },
  });
  await expect(late.tellFrom(1)).rejects.toThrow('away');
  isAway = false;
  await late.tellFrom(8);
  expect(reads).toEqual([1]);
});
