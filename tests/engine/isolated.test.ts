/** A submission of which one statement is refused: the rest is committed in parts, and must not be told from one. */
import { createMemoryStore } from '@ackord/server';
import { expect, test } from 'vitest';
import { Faults, faultyStore } from '../properties/faulty-store.ts';
import { change, registry } from '../support/engine.ts';
import { at, World } from './world.ts';

test('a deletion has not seen what an edit of its own submission was merged with, also when they are committed apart', async () => {
  const faults = new Faults();
  const world = new World(faultyStore(createMemoryStore({ registry }), faults).store);
  const ann = world.person();
  const trip = await ann.newTrip();
  const [memory, other] = [await ann.newMemory(trip), await ann.newMemory(trip)];
  const { cursor } = await ann.phone.pull();
  await ann.tablet.ack(change.update('Memory', memory, 1, { title: 'Of the tablet' }, at(1)));
  faults.poisoned.set('poison', 1);
  const [refused, edited, deleted] = await ann.phone.submit(
    { cursor },
    { ...change.update('Memory', other, 1, { title: 'x' }, at(2)), changeId: 'poison' },
    change.update('Memory', memory, 1, { text: 'Of the phone' }, at(3)),
    change.remove('Trip', trip, 1, at(4)),
  );
  expect([refused?.status, edited?.status]).toEqual(['retry', 'merged']);
  expect(deleted).toMatchObject({ conflict: { fields: [`Memory:${memory}`], winner: 'client' } });
  await world.stop();
});
