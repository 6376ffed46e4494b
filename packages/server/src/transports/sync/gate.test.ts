import { expect, test } from 'vitest';
import { Gate } from './gate.ts';

test('lets so many through at once, in order, and goes on after a failure', async () => {
  const gate = new Gate(2);
  const ends: (() => void)[] = [];
  const begun: number[] = [];
  const work = (name: number) =>
    gate.pass(async () => {
      begun.push(name);
      await new Promise<void>((resolve) => ends.push(resolve));
      if (name === 1) throw new Error('of the work');
      return name;
    });
  const all = Promise.allSettled([0, 1, 2, 3].map(work));
  await Promise.resolve();
  expect(begun).toEqual([0, 1]);
  while (begun.length < 4 || ends.length > 0) {
    ends.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(ends.length).toBeLessThanOrEqual(2);
  }
  expect((await all).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
  ]);
  expect(begun).toEqual([0, 1, 2, 3]);
  expect(await gate.pass(async () => 'free again')).toBe('free again');
});
