import { expect, test } from 'vitest';
import { createGate } from './gate.ts';

test('so many at once, the others in their order, also behind one that fails', async () => {
  const gate = createGate(2);
  const begun: number[] = [];
  const ends: ((fails: boolean) => void)[] = [];
  const work = (name: number) => () => {
    begun.push(name);
    return new Promise<number>((resolve, reject) => {
      ends[name] = (fails) => (fails ? reject(new Error('failed')) : resolve(name));
    });
  };
  const all = [0, 1, 2, 3].map((name) => gate(work(name)).catch(() => -1));
  expect(begun).toEqual([0, 1]);
  ends[1]?.(true);
  await all[1];
  await expect.poll(() => begun).toEqual([0, 1, 2]);
  ends[0]?.(false);
  await expect.poll(() => begun).toEqual([0, 1, 2, 3]);
  ends[2]?.(false);
  ends[3]?.(false);
  expect(await Promise.all(all)).toEqual([0, -1, 2, 3]);
});
