import { expect, test } from 'vitest';
import { PlaceReader } from './place-reader.ts';
import type { Location, Placement, PlaceRequest } from './ports.ts';

const key = { type: 'travel.Memory', id: 'm1' };
const location: Location = { ...key, scope: 'user:ann', aliasOf: null };
const asked = (userId: string): PlaceRequest => ({ userId, keys: [key], scopes: [] });
const recalling = { own: new Set(['user:ann']), mayWait: true };

/** Each trip to the store ends when it is told to. */
function ground() {
  const trips: { readonly answer: (placement: Placement) => void; readonly fail: () => void }[] = [];
  const placement = { now: 5_000, locations: [location], memberships: [], waiting: [], hasWaiting: false };
  const store = {
    place: (requests: readonly PlaceRequest[]) =>
      new Promise<readonly Placement[]>((resolve, reject) => {
        trips.push({
          answer: (one) => resolve(requests.map(() => one)),
          fail: () => reject(Object.assign(new Error('away'), { outcome: 'unavailable' })),
        });
      }),
  };
  const places = new PlaceReader(store, () => 1_000);
  const next = async () => {
    await Promise.resolve();
    const trip = trips.shift();
    if (!trip) throw new Error('Nothing was asked.');
    return trip;
  };
  return { places, placement, next };
}

test('what was read is known, and so is the clock of the database', async () => {
  const { places, placement, next } = ground();
  expect(places.recall(asked('ann'), recalling)).toBeNull();
  const reading = places.read(asked('ann'));
  (await next()).answer(placement);
  await reading;
  expect(places.recall(asked('ann'), recalling)).toEqual([location]);
  expect(places.now()).toBe(5_000);
});

test('nobody overtakes a change of the same user that is still being looked up', async () => {
  const { places, placement, next } = ground();
  const first = places.read(asked('ann'));
  const trip = await next();
  const second = places.read(asked('ann'));
  trip.answer(placement);
  await first;
  expect(places.recall(asked('ann'), recalling)).toBeNull();
  (await next()).answer(placement);
  await second;
  expect(places.recall(asked('ann'), recalling)).toEqual([location]);
});

test('a look-up that failed is in the way of nobody', async () => {
  const { places, placement, next } = ground();
  const first = places.read(asked('ann'));
  (await next()).answer(placement);
  await first;
  const second = places.read(asked('ann'));
  (await next()).fail();
  await expect(second).rejects.toThrow('away');
  expect(places.recall(asked('ann'), recalling)).toEqual([location]);
});
