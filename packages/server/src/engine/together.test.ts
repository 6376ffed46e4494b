import { expect, test, vi } from 'vitest';
import { Together } from './together.ts';

/** Trips that end when the test says so. */
function ground(tripsAtOnceMax = 1, askersMax = 100) {
  const trips: { inputs: readonly number[]; end: (cause?: Error) => void }[] = [];
  const together = new Together<number, number>(
    (inputs) =>
      new Promise((resolve, reject) => {
        const end = (cause?: Error): void => (cause ? reject(cause) : resolve(inputs.map((one) => one * 10)));
        trips.push({ inputs, end });
      }),
    { tripsAtOnceMax, askersMax },
  );
  return { trips, together, begun: (count: number) => vi.waitFor(() => expect(trips).toHaveLength(count)) };
}

test('who asks in one turn travels together, and gets an answer of its own', async () => {
  const { together, trips, begun } = ground();
  const answers = [1, 2, 3].map((one) => together.ask(one));
  await begun(1);
  expect(trips[0]?.inputs).toEqual([1, 2, 3]);
  trips[0]?.end();
  expect(await Promise.all(answers)).toEqual([10, 20, 30]);
});

test('nobody joins a trip that has begun; all who come meanwhile share the next one', async () => {
  const { together, trips, begun } = ground();
  const first = together.ask(1);
  await begun(1);
  const later = [together.ask(2), together.ask(3)];
  trips[0]?.end();
  expect(await first).toBe(10);
  await begun(2);
  expect(trips[1]?.inputs).toEqual([2, 3]);
  trips[1]?.end();
  expect(await Promise.all(later)).toEqual([20, 30]);
});

test('so many at once, with so many each', async () => {
  const { together, trips, begun } = ground(2, 3);
  const answers = Promise.all(Array.from({ length: 8 }, (_, at) => together.ask(at)));
  await begun(2);
  trips[0]?.end();
  await begun(3);
  expect(trips.map(({ inputs }) => inputs.length)).toEqual([3, 3, 2]);
  for (const { end } of trips) end();
  expect(await answers).toHaveLength(8);
});

test('what is refused is refused to its asker alone', async () => {
  const refused: number[] = [];
  const together = new Together<number, number>(
    async (inputs) => {
      if (inputs.includes(2)) throw new Error(`${inputs.join()} has a 2`);
      return inputs;
    },
    { tripsAtOnceMax: 1, askersMax: 100 },
  );
  const asked = [1, 2, 3].map((one) => together.ask(one).catch(() => refused.push(one)));
  expect(await Promise.all(asked)).toEqual([1, 1, 3]);
  expect(refused).toEqual([2]);
});

test('a store that can’t be reached is not asked once more for each of them', async () => {
  const { together, trips, begun } = ground();
  const answers = Promise.allSettled([together.ask(1), together.ask(2)]);
  await begun(1);
  trips[0]?.end(Object.assign(new Error('away'), { outcome: 'unavailable' }));
  expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(trips).toHaveLength(1);
});
