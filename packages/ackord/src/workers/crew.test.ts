import { expect, test } from 'vitest';
import { restartDelayMs } from './crew.ts';

test('a worker that ends again and again is started ever later, up to a bound', () => {
  const delays = [1, 2, 3, 4, 20].map(restartDelayMs);
  expect(delays).toEqual([100, 200, 400, 800, 10_000]);
});
