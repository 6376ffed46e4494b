/** Who does what one server does for all: a lease by the clock of the database. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { World } from './shelf.ts';

export function registerDutyTests(world: () => World): void {
  test('a duty is held by one, who may keep it, until it is given back', async () => {
    const { store, second } = world();
    const duty = randomUUID();
    expect(await store.holdDuty(duty, 'ann', 60_000)).toBe(true);
    expect(await second.holdDuty(duty, 'ben', 60_000)).toBe(false);
    expect(await store.holdDuty(duty, 'ann', 60_000)).toBe(true);
    await second.leaveDuty(duty, 'ben');
    expect(await second.holdDuty(duty, 'ben', 60_000)).toBe(false);
    await store.leaveDuty(duty, 'ann');
    expect(await second.holdDuty(duty, 'ben', 60_000)).toBe(true);
    expect(await store.holdDuty(duty, 'ann', 60_000)).toBe(false);
  });

  test('a duty that is not renewed ends by itself, and the one who held it is told', async () => {
    const { store, second } = world();
    const duty = randomUUID();
    expect(await store.holdDuty(duty, 'ann', 50)).toBe(true);
    await expect.poll(() => second.holdDuty(duty, 'ben', 60_000), { interval: 5 }).toBe(true);
    expect(await store.holdDuty(duty, 'ann', 60_000)).toBe(false);
  });

  test('of many who ask at once, one gets it', async () => {
    const { store, second } = world();
    const duty = randomUUID();
    const asked = Array.from({ length: 20 }, (_, at) =>
      (at % 2 === 0 ? store : second).holdDuty(duty, `holder ${at}`, 60_000),
    );
    expect((await Promise.all(asked)).filter(Boolean)).toHaveLength(1);
  });
}
