import { expect, test } from 'vitest';
import { createPageReads } from './page-reads.ts';
import type { Snapshot, Store } from './ports.ts';

/** A store whose snapshots are numbers, and that counts them. */
function ground() {
  let taken = 0;
  const store = {
    snapshot: async <T>(work: (snapshot: Snapshot) => Promise<T>) => work(++taken as unknown as Snapshot),
  } as unknown as Store;
  return { reads: createPageReads(store), taken: () => taken };
}

const numberOf = async (snapshot: Snapshot): Promise<number> => Number(snapshot);

test('who asks at the same time looks at the same moment', async () => {
  const { reads } = ground();
  expect(await Promise.all([reads.snapshot(numberOf), reads.snapshot(numberOf)])).toEqual([1, 1]);
  expect(await reads.snapshot(numberOf)).toBe(2);
});

test('whoever is done is answered, however long others take', async () => {
  const { reads } = ground();
  let end = (): void => {};
  const slow = reads.snapshot(
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );
  expect(await reads.snapshot(numberOf)).toBe(1);
  end();
  await slow;
});

test('what fails together is tried alone, and fails alone', async () => {
  const { reads, taken } = ground();
  const spoilt = async (snapshot: Snapshot): Promise<number> => {
    if (Number(snapshot) === 1) throw new Error('another one spoilt the transaction');
    return numberOf(snapshot);
  };
  const broken = async (): Promise<number> => {
    throw new Error('broken');
  };
  const [mine, theirs, nobodys] = await Promise.allSettled([
    reads.snapshot(numberOf),
    reads.snapshot(spoilt),
    reads.snapshot(broken),
  ]);
  expect(mine).toEqual({ status: 'fulfilled', value: 1 });
  expect(theirs).toMatchObject({ status: 'fulfilled' });
  expect(nobodys).toMatchObject({ status: 'rejected', reason: new Error('broken') });
  expect(taken()).toBe(3);
});
