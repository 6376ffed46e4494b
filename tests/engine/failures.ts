/** What is left of a rejected change: a trace for the device that made it, about a record that its user can see. */
import { LIMITS } from '@ackord/core';
import type { RefusedOfDevice, Store, SyncFailure } from '@ackord/server';
import { expect, test } from 'vitest';
import { change } from '../support/engine.ts';
import { type Device, describeOn, type MakeStore, newId } from './world.ts';

/** Refused whatever the record holds. */
const nameless = (trip: string, base = 1) => change.update('Trip', trip, base, { name: null });

const failuresOf = ({ person, name }: Device): Promise<readonly SyncFailure[]> =>
  person.engine.failures(person, name ?? '');

const idsOf = async (device: Device): Promise<string[]> => (await failuresOf(device)).map(({ id }) => id);

class StoreTrouble extends Error {
  readonly outcome: string;
  constructor(outcome: string) {
    super(outcome);
    this.outcome = outcome;
  }
}

/** The store, which tells of every try to save failures before it does it. */
const spied = (store: Store, told: (failures: RefusedOfDevice) => void): Store => ({
  ...store,
  saveFailures: async (failures) => {
    told(failures);
    await store.saveFailures(failures);
  },
});

export function registerFailureTests(name: string, makeStore: MakeStore): void {
  describeOn(`traces of rejected changes on ${name}`, makeStore, (world) => {
    test('it is kept for the device that made the change, with what the answer said', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const trip = await ann.newTrip();
      await ann.share(trip, bea, 'EDITOR');
      const { message, field } = await ann.phone.nack(nameless(trip));
      const [failure, ...more] = await failuresOf(ann.phone);
      expect(failure).toMatchObject({ type: 'travel.Trip', id: trip, code: 'INVALID', version: 1 });
      expect(failure).toMatchObject({ message, field });
      expect(Math.abs((failure?.at ?? 0) - Date.now())).toBeLessThan(60_000);
      expect(more).toEqual([]);
      expect(await failuresOf(ann.tablet)).toEqual([]);
      expect(await bea.engine.failures(bea, ann.phone.name ?? '')).toEqual([]);
      // It is no news for anybody's feed.
      expect(await ann.sees('Trip', trip)).toMatchObject({ version: 1 });
    });

    test('a rejection on rung 9 leaves one too, and one by role, where the record can be seen', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const trip = await ann.newTrip();
      await ann.share(trip, bea, 'VIEWER');
      expect((await ann.phone.nack(change.update('Trip', trip, 9, { name: 'x' }))).code).toBe(
        'VERSION_FROM_FUTURE',
      );
      expect((await bea.phone.nack(change.update('Trip', trip, 1, { name: 'x' }))).code).toBe('FORBIDDEN');
      expect(await failuresOf(ann.phone)).toMatchObject([{ id: trip, code: 'VERSION_FROM_FUTURE' }]);
      expect(await failuresOf(bea.phone)).toMatchObject([{ id: trip, code: 'FORBIDDEN' }]);
    });

    test('ids that are unknown, foreign or none leave nothing, and get their answers', async () => {
      const [ann, eve] = [world().person(), world().person()];
      const trip = await ann.newTrip();
      const ids = [trip, newId(), 'no id', 'a\0b', '\ud800', '', 'x'.repeat(70_000)];
      const receipts = await eve.phone.send(
        ...ids.map((id) => nameless(id)),
        ...ids.map((id) => change.update('Trip', id, 1, { name: 'Mine' })),
        ...ids.map((id) => ({ ...nameless(id), entityType: 'Nothing' })),
        { ...nameless(trip), id: 7 },
      );
      expect(receipts.map(({ status }) => status)).toEqual(receipts.map(() => 'rejected'));
      expect(await failuresOf(eve.phone)).toEqual([]);
    });

    test('neither do plain CRUD calls, devices without a name or with one that is none', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      const saved: RefusedOfDevice[] = [];
      const engine = world().engineWith({ store: spied(world().store, (one) => saved.push(one)) });
      const on = ann.on(engine);
      const origin = 'legacy';
      expect(await on.phone.nack(nameless(trip), { origin })).toMatchObject({ code: 'INVALID' });
      expect(await on.nameless.nack(nameless(trip))).toMatchObject({ code: 'INVALID' });
      for (const device of ['a\0b', '\ud800', 'x'.repeat(LIMITS.deviceIdLengthMax + 1)]) {
        const { receipts } = await engine.submit({
          domain: 'travel',
          actor: ann,
          device,
          batchId: newId(),
          origin: 'client',
          changes: [nameless(trip)],
        });
        expect(receipts).toMatchObject([{ status: 'rejected' }]);
      }
      expect(saved).toEqual([]);
    });

    test('nothing is asked of the store when nothing was rejected', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      const saved: RefusedOfDevice[] = [];
      const on = ann.on(world().engineWith({ store: spied(world().store, (one) => saved.push(one)) }));
      await on.phone.ack(change.update('Trip', trip, 1, { name: 'x' }));
      await on.tablet.ack(change.update('Trip', trip, 1, { name: 'y' }));
      expect(saved).toEqual([]);
      await on.phone.nack(nameless(trip));
      expect(saved).toMatchObject([{ userId: ann.userId, refused: [{ id: trip }] }]);
    });

    test('of several changes to a record in one submission, the last one counts', async () => {
      const ann = world().person();
      const [mended, broken] = [await ann.newTrip(), await ann.newTrip()];
      await ann.phone.send(
        nameless(mended),
        change.update('Trip', broken, 1, { name: 'Normandy' }),
        nameless(broken, 2),
        change.update('Trip', mended, 1, { name: 'Normandy' }),
      );
      expect(await failuresOf(ann.phone)).toMatchObject([{ id: broken, version: 2 }]);
    });

    test('an id in capital letters is the same id, and a change of a tag by its alias is one of the tag', async () => {
      const ann = world().person();
      const [trip, kept, alias] = [await ann.newTrip(), newId(), newId()];
      await ann.phone.ack(change.tag(kept, 'Sea'));
      await ann.tablet.ack(change.tag(alias, 'sea'));
      await ann.phone.send(
        nameless(trip.toUpperCase()),
        change.update('Tag', alias.toUpperCase(), 0, { name: null }),
      );
      expect((await idsOf(ann.phone)).sort()).toEqual([kept, trip].sort());
    });

    test('the others of a transaction group that was not accepted have one each', async () => {
      const ann = world().person();
      const [one, other] = [await ann.newTrip(), await ann.newTrip()];
      const transactionId = newId();
      await ann.phone.send(
        { ...nameless(one), transactionId },
        { ...change.update('Trip', other, 1, { name: 'x' }), transactionId },
      );
      const codes = (await failuresOf(ann.phone)).map(({ id, code }) => `${id} ${code}`);
      expect(codes.sort()).toEqual([`${one} INVALID`, `${other} TRANSACTION_ABORTED`].sort());
    });

    test('what the message repeats of the change is cut to what can be kept', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      const transactionId = newId();
      const culprit = `\ud800\0${'x'.repeat(2_000)}`;
      const receipts = await ann.phone.send(
        { ...nameless(culprit), transactionId },
        { ...change.update('Trip', trip, 1, { name: 'x' }), transactionId },
        { ...nameless(await ann.newTrip()), malformed: { field: 'a\0\ud800', message: 'is nothing' } },
      );
      expect(receipts.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
      const kept = await failuresOf(ann.phone);
      expect(kept).toHaveLength(2);
      for (const { message, field } of kept) {
        expect(message.length).toBeLessThanOrEqual(LIMITS.failureTextLengthMax);
        expect(`${message}${field}`).not.toMatch(/\0|\ud800/);
      }
    });

    test('one submission has no more of them than a user may have: the last ones', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      const memories = Array.from({ length: LIMITS.failuresPerUserMax + 1 }, newId);
      await ann.phone.send(...memories.map((memory) => change.memory(memory, trip)));
      const [first, ...rest] = memories;
      await ann.phone.send(...memories.map((memory) => change.update('Memory', memory, 1, { title: null })));
      const kept = new Set(await idsOf(ann.phone));
      expect(kept.size).toBe(rest.length);
      expect(kept.has(first ?? '')).toBe(false);
    });

    test('many calls at once about the same records all get their answers', async () => {
      const ann = world().person();
      const trips = await Promise.all(Array.from({ length: 10 }, () => ann.newTrip()));
      const answers = await Promise.all(
        Array.from({ length: 30 }, (_, call) => {
          const refused = trips.map((trip) => nameless(trip));
          return ann.phone.send(...(call % 2 ? refused : refused.toReversed()));
        }),
      );
      for (const receipts of answers)
        expect(receipts.every(({ status }) => status === 'rejected')).toBe(true);
      expect((await idsOf(ann.phone)).sort()).toEqual([...trips].sort());
    });

    test.each(['unavailable', 'again'])(
      'a store that says %s costs the trace, not the answer',
      async (outcome) => {
        const ann = world().person();
        const trip = await ann.newTrip();
        const store = spied(world().store, () => {
          throw new StoreTrouble(outcome);
        });
        const on = ann.on(world().engineWith({ store }));
        const [bad, good] = await on.phone.send(nameless(trip), change.tag(newId(), newId()));
        expect([bad?.status, good?.status]).toEqual(['rejected', 'applied']);
        expect(await failuresOf(ann.phone)).toEqual([]);
      },
    );
  });
}
