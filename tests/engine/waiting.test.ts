import { createMemoryStore } from '@ackord/server';
import { expect, test } from 'vitest';
import { change, registry } from '../support/engine.ts';
import { openMemory } from '../support/stores.ts';
import { registerWaitingTests } from './waiting.ts';
import { at, newId, World } from './world.ts';

registerWaitingTests('memory', openMemory);

// Here, what is sent first is decided first.
test('the conflict of a wait has nothing of a record that its writer has just lost', async () => {
  const world = new World(createMemoryStore({ registry }));
  const [ann, bea] = [world.person(), world.person()];
  const trip = await ann.newTrip();
  const memory = await ann.newMemory(trip);
  await ann.share(trip, bea, 'EDITOR');
  const [, [receipt]] = await Promise.all([
    ann.share(trip, bea, null),
    bea.phone.send(change.update('Memory', memory, 1, { tripId: newId() }, at(1))),
  ]);
  expect(receipt).toMatchObject({
    conflict: { conflictType: 'DEPENDENCY_CONFLICT', server: null, serverVersion: 0 },
  });
  await world.stop();
});
