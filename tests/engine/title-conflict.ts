import { change } from '../support/engine.ts';
import { at, type Person, type World } from './world.ts';

/** A memory whose title phone and tablet both changed; by default on a server where people decide. */
export async function titleConflictOf(
  world: World,
  ann: Person = world.person(world.engineFor('MANUAL_RESOLUTION')),
): Promise<{ ann: Person; trip: string; memory: string; id: string }> {
  const trip = await ann.newTrip();
  const memory = await ann.newMemory(trip, { text: 'kept' });
  await ann.tablet.ack(change.update('Memory', memory, 1, { title: 'Theirs' }, at(5)));
  const { conflict } = await ann.phone.ack(change.update('Memory', memory, 1, { title: 'Mine' }, at(6)));
  return { ann, trip, memory, id: conflict?.id ?? '' };
}
