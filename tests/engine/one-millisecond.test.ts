/** What happens within one millisecond, by the database's clock: on the memory store, whose clock a test can stop. */
import { createMemoryStore } from '@ackord/server';
import { afterAll, expect, test } from 'vitest';
import { change, registry } from '../support/engine.ts';
import { at, newId, tripScope, World } from './world.ts';

const STOPPED = Date.now();
const world = new World(createMemoryStore({ registry, now: () => STOPPED }));
afterAll(() => world.stop());

test('what was made in the millisecond in which access ended is named to be dropped', async () => {
  const [ann, bea] = [world.person(), world.person()];
  const trip = await ann.newTrip();
  await ann.share(trip, bea, 'EDITOR');
  const memory = newId();
  await bea.phone.ack(change.memory(memory, trip, {}, at(1)));
  const { cursor } = await bea.phone.pull();
  await ann.share(trip, bea, null);
  const lost = await bea.phone.pull(cursor);
  expect(lost.droppedScopes).toEqual([tripScope(trip)]);
  expect(lost.dropped.map(({ id }) => id).sort()).toEqual([trip, memory].sort());
});
