/**
 * Where records lie is remembered, and is only a guess: whatever another server has done since, a change ends as if it had
 * been looked up.
 */
import type { Acknowledged, Store } from '@ackord/server';
import { beforeEach, expect, test } from 'vitest';
import { change } from '../support/engine.ts';
import { describeOn, type MakeStore, newId, type Person, tripScope, type World } from './world.ts';

export function registerRememberedTests(name: string, makeStore: MakeStore): void {
  describeOn(`remembered places on ${name}`, makeStore, (world) => {
    let asked: number;
    let here: Person;
    let elsewhere: Person;
    beforeEach(() => {
      asked = 0;
      const engine = world().engineWith({ store: counting(world(), () => asked++) });
      here = world().person(engine);
      elsewhere = here.on(world().engineWith({}));
    });

    const renamed = (id: string, base: number) => change.update('Memory', id, base, { title: newId() });

    test('they are looked up once, and roles with them', async () => {
      const trip = await here.newTrip();
      const memory = await here.newMemory(trip);
      await here.phone.ack(renamed(memory, 1));
      const before = asked;
      await here.phone.ack(renamed(memory, 2));
      await here.newMemory(trip);
      expect(asked).toBe(before);
    });

    test('a record that has moved is changed where it lies now', async () => {
      const [trip, other] = [await here.newTrip(), await here.newTrip()];
      const memory = await here.newMemory(trip);
      await here.phone.ack(renamed(memory, 1));
      await elsewhere.phone.ack(change.update('Memory', memory, 2, { tripId: other }));
      const title = newId();
      expect(await here.phone.ack(change.update('Memory', memory, 3, { title }))).toMatchObject({
        status: 'applied',
        version: 4,
      });
      expect(await world().record(tripScope(other), 'Memory', memory)).toMatchObject({ fields: { title } });
    });

    test('whoever has lost access is answered as for an unknown record', async () => {
      const owner = world().person();
      const trip = await owner.newTrip();
      const memory = await owner.newMemory(trip);
      await owner.share(trip, here, 'EDITOR');
      await here.phone.ack(renamed(memory, 1));
      await owner.share(trip, here, null);
      const before = asked;
      const [known, unknown] = [
        await here.phone.nack(renamed(memory, 2)),
        await here.phone.nack(renamed(newId(), 2)),
      ];
      expect(known.code).toBe(unknown.code);
      expect(known.message).toBe(unknown.message);
      // It was guessed wrongly, and noticed on the locked rows.
      expect(asked - before).toBe(1);
      expect(await world().record(tripScope(trip), 'Memory', memory)).toMatchObject({ version: 2 });
    });

    test('a change does not overtake another one of its device that has to look up more', async () => {
      const known = async (): Promise<string> => {
        const trip = await here.newTrip();
        await here.newMemory(trip);
        await here.phone.ack(change.update('Trip', trip, 1, { name: newId() }));
        return trip;
      };
      // What its device had read has to be known for a deletion of what has children, and for nothing else here.
      const removal = (trip: string) => here.phone.ack(change.remove('Trip', trip, 2));
      const edit = (trip: string) => here.phone.ack(change.update('Trip', trip, 2, { name: 'Later' }));
      const trip = await known();
      const expected = [await removal(trip), await edit(trip)];
      for (let round = 0; round < 5; round++) {
        const other = await known();
        const found = await Promise.all([removal(other), edit(other)]);
        const outcome = ({ status, version, stands }: Acknowledged) => ({ status, version, stands });
        expect(found.map(outcome)).toEqual(expected.map(outcome));
      }
    });

    test('a CREATE that waits is over when the record is made by way of a remembered parent', async () => {
      const trip = await here.newTrip();
      await here.newMemory(trip);
      const [memory, missing] = [newId(), newId()];
      await elsewhere.phone.ack(change.memory(memory, missing, { title: 'Waits' }));
      expect(await world().waiting(here)).toHaveLength(1);
      await here.phone.ack(change.memory(memory, trip, { title: 'Made' }));
      expect(await world().waiting(here)).toEqual([]);
      await elsewhere.phone.ack(change.trip(missing));
      expect(await here.sees('Memory', memory)).toMatchObject({ fields: { title: 'Made', tripId: trip } });
    });
  });
}

/** Tells each time that the engine asks where something lies. */
const counting = ({ store }: World, onPlace: () => void): Store =>
  new Proxy(store, {
    get(target, name) {
      if (name === 'place') onPlace();
      const value: unknown = Reflect.get(target, name);
      return value;
    },
  });
