import { expect, test } from 'vitest';
import { InOrder } from './in-order.ts';

const settled = async (promise: Promise<void> | null): Promise<boolean> => {
  let isSettled = promise === null;
  void promise?.then(() => {
    isSettled = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return isSettled;
};

test('who came later waits for all who came before, whoever of them is ready first', async () => {
  const order = new InOrder();
  const [first, second, third] = [order.enter('ann'), order.enter('ann'), order.enter('ann')];
  expect(first.before).toBeNull();
  second.leave();
  expect(await settled(second.before)).toBe(false);
  expect(await settled(third.before)).toBe(false);
  first.leave();
  expect(await settled(second.before)).toBe(true);
  expect(await settled(third.before)).toBe(true);
});

test('others wait for nobody, and nothing is kept of those who left', async () => {
  const order = new InOrder();
  const ann = order.enter('ann');
  expect(order.enter('ben').before).toBeNull();
  ann.leave();
  expect(order.enter('ann').before).toBeNull();
});
