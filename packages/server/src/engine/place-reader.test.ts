import { expect, test } from 'vitest';
import { PlaceReader } from './place-reader.ts';
import type { Location, Placement, PlaceRequest } from './ports.ts';

const key = { type: 'travel.Memory', id: 'm1' };
const location: Location = { ...key, scope: 'user:ann', aliasOf: null };
const asked = (userId: string): PlaceRequest => ({ userId, keys: [key], scopes: [] });
const recalling = { own: new Set(['user:ann']), mayWait: true };

/** Each trip to the store ends when it is told to. */
function ground() {
  const trips: { readonly answer: (placement: Placement) => void }[] = [];
  const placement = { now: 5_000, locations: [location], memberships: [], waiting: [], hasWaiting: false };
  const store = {
    place: (requests: readonly PlaceRequest[]) =>
      new Promise<readonly Placement[]>((resolve) => {
        trips.push({
          answer: (one) => resolve(requests.map(() => one)),
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
