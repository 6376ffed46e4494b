import { expect, test } from 'vitest';
import { FairGate } from './fair-gate.ts';

test('lets so many through at once, in order, and goes on after a failure', async () => {
  const gate = new FairGate(2);
  const ends: (() => void)[] = [];
  const begun: number[] = [];
  const work = (name: number) =>
    gate.pass('anybody', async () => {
      begun.push(name);
      await new Promise<void>((resolve) => ends.push(resolve));
      if (name === 1) throw new Error('of the work');
      return name;
    });
  await gate.idle();
  const all = Promise.allSettled([0, 1, 2, 3].map(work));
  let isIdle = false;
  void gate.idle().then(() => {
    isIdle = true;
  });
  await Promise.resolve();
  expect(begun).toEqual([0, 1]);
  while (begun.length < 4 || ends.length > 0) {
    ends.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(ends.length).toBeLessThanOrEqual(2);
    if (ends.length > 0) expect(isIdle).toBe(false);
  }
  expect((await all).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
  ]);
  expect(begun).toEqual([0, 1, 2, 3]);
  expect(isIdle).toBe(true);
  expect(await gate.pass('anybody', async () => 'free again')).toBe('free again');
});

test('those who wait take turns, however many of them one brings', async () => {
  const gate = new FairGate(1);
  const order: string[] = [];
  const leave = await gate.enter('crowd');
  const all = ['crowd', 'crowd', 'crowd', 'ann', 'ann', 'bob'].map((key) =>
    gate.pass(key, async () => void order.push(key)),
  );
  leave();
  // Of no effect: its place is another's now.
  leave();
  await Promise.all(all);
  expect(order).toEqual(['crowd', 'ann', 'bob', 'crowd', 'ann', 'crowd']);
  await gate.idle();
});
