/** transactionId: changes that share it are applied all or none. */
import { expect, test } from 'vitest';
import { change } from '../support/engine.ts';
import { acked, at, describeOn, type MakeStore, nacked, newId, type Person, tripScope } from './world.ts';

export function registerTransactionTests(name: string, makeStore: MakeStore): void {
  /** Two trips that the tablet has edited since the phone read them; and a change in a third. */
  async function raced(ann: Person) {
    const [first, second] = [await ann.newTrip(), await ann.newTrip()];
    await ann.tablet.ack(change.update('Trip', second, 1, { name: 'Theirs' }, at(9)));
    return { first, second };
  }

  describeOn(`transaction groups on ${name}`, makeStore, (world) => {
    test('all members are applied, whatever scopes they are in', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      const [other, tag, transactionId] = [newId(), newId(), newId()];
      const receipts = await ann.phone.send(
        { ...change.update('Trip', trip, 1, { name: 'x' }, at(1)), transactionId },
        { ...change.tag(tag, tag, {}, at(1)), transactionId },
        { ...change.memory(newId(), other, {}, at(1)), transactionId },
        { ...change.trip(other, {}, at(1)), transactionId },
      );
      expect(receipts.map(({ status }) => status)).toEqual(['applied', 'applied', 'applied', 'applied']);
      expect(await ann.sees('Tag', tag)).not.toBeNull();
    });

    test('a member that merges is no loss', async () => {
      const ann = world().person();
      const { first, second } = await raced(ann);
      const transactionId = newId();
      const receipts = await ann.phone.send(
        { ...change.update('Trip', first, 1, { name: 'x' }, at(1)), transactionId },
        { ...change.update('Trip', second, 1, { tripDescription: 'x' }, at(1)), transactionId },
      );
      expect(receipts.map(({ status }) => status)).toEqual(['applied', 'merged']);
    });

    test('nor one that wins its conflict', async () => {
      const ann = world().person();
      const { first, second } = await raced(ann);
      const transactionId = newId();
      const receipts = await ann.phone.send(
        { ...change.update('Trip', first, 1, { name: 'x' }, at(10)), transactionId },
        { ...change.update('Trip', second, 1, { name: 'x' }, at(10)), transactionId },
      );
      expect(receipts.map((receipt) => acked(receipt).stands)).toEqual([true, true]);
      expect(await ann.sees('Trip', second)).toMatchObject({ fields: { name: 'x' } });
    });

    test.each([
      ['lost', 'LAST_WRITE_WINS'],
      ['pending', 'MANUAL_RESOLUTION'],
    ] as const)(
      'a member is %s: none is applied, the group is kept as one conflict',
      async (_how, strategy) => {
        const ann = world().person(world().engineFor(strategy));
        const { first, second } = await raced(ann);
        const [tag, transactionId] = [newId(), newId()];
        const { cursor } = await ann.phone.pull();
        const receipts = (
          await ann.phone.send(
            { ...change.update('Trip', first, 1, { name: 'Mine' }, at(5)), transactionId },
            { ...change.update('Trip', second, 1, { name: 'Mine' }, at(5)), transactionId },
            { ...change.tag(tag, tag, {}, at(5)), transactionId },
          )
        ).map(acked);
        const [conflict] = await ann.conflicts();
        expect(conflict).toMatchObject({ status: 'pending', entityId: second, fields: ['name'] });
        for (const receipt of receipts)
          expect(receipt).toMatchObject({
            status: 'conflict',
            stands: false,
            conflict: { id: conflict?.id },
          });
        expect(receipts.map(({ version }) => version)).toEqual([1, 2, null]);
        expect(await ann.sees('Trip', first)).toMatchObject({ version: 1, fields: { name: 'Brittany' } });
        expect(await ann.sees('Tag', tag)).toBeNull();
        // What was not taken is fed again, so that the sender's replica finds back.
        expect((await ann.phone.pull(cursor)).records.map(({ id }) => id).sort()).toEqual(
          [first, second].sort(),
        );
      },
    );

    test('the conflict of a group is decided as one: the client’s side applies all of it', async () => {
      const ann = world().person();
      const { first, second } = await raced(ann);
      const [tag, transactionId] = [newId(), newId()];
      await ann.phone.send(
        { ...change.update('Trip', first, 1, { name: 'Mine' }, at(5)), transactionId },
        { ...change.update('Trip', second, 1, { name: 'Mine' }, at(5)), transactionId },
        { ...change.tag(tag, tag, {}, at(5)), transactionId },
      );
      const [conflict] = await ann.conflicts();
      expect(await ann.resolve(conflict?.id ?? '', 'KEEP_BOTH')).toMatchObject({
        code: 'STRATEGY_IMPOSSIBLE',
      });
      expect(await ann.resolve(conflict?.id ?? '', 'MANUAL_RESOLUTION', { name: 'x' })).toMatchObject({
        code: 'STRATEGY_IMPOSSIBLE',
      });
      await ann.tablet.ack(change.update('Tag', await ann.newTag(), 1, { color: 'red' }, at(6)));
      expect(await ann.resolve(conflict?.id ?? '', 'FIRST_WRITE_WINS')).toMatchObject({ ok: true });
      expect(await ann.sees('Trip', first)).toMatchObject({ fields: { name: 'Brittany' } });
      expect(await ann.sees('Tag', tag)).toBeNull();
    });

    test('later edits win: so does a group whose edits are later than those that it lost to', async () => {
      const ann = world().person(world().engineFor('MANUAL_RESOLUTION'));
      const { first, second } = await raced(ann);
      const [tag, transactionId] = [newId(), newId()];
      await ann.phone.send(
        { ...change.update('Trip', first, 1, { name: 'Mine' }, at(10)), transactionId },
        {
          ...change.update('Trip', second, 1, { name: 'Mine', tripDescription: 'Mine' }, at(10)),
          transactionId,
        },
        { ...change.tag(tag, tag, {}, at(10)), transactionId },
      );
      await ann.tablet.ack(
        change.update('Trip', second, 2, { tripDescription: null, isActive: false }, at(11)),
      );
      const [conflict] = await ann.conflicts();
      expect(await ann.resolve(conflict?.id ?? '', 'LAST_WRITE_WINS')).toMatchObject({
        ok: true,
        resolution: { strategy: 'LAST_WRITE_WINS' },
      });
      expect(await ann.sees('Trip', first)).toMatchObject({ fields: { name: 'Mine' } });
      expect(await ann.sees('Trip', second)).toMatchObject({ fields: { name: 'Mine', isActive: false } });
      expect(await ann.sees('Tag', tag)).not.toBeNull();
      expect((await ann.conflicts()).map(({ status }) => status)).toEqual(['resolved']);
    });

    test('sent anew after it was kept, the newer conflict supersedes the older', async () => {
      const ann = world().person();
      const { first, second } = await raced(ann);
      const group = (transactionId: string) => [
        { ...change.update('Trip', first, 1, { name: 'Mine' }, at(5)), transactionId },
        { ...change.update('Trip', second, 1, { name: 'Mine' }, at(5)), transactionId },
      ];
      await ann.phone.send(...group(newId()));
      await ann.phone.send(...group(newId()));
      expect((await ann.conflicts()).filter(({ status }) => status === 'pending')).toHaveLength(1);
    });

    test.each([
      ['invalid', (trip: string) => change.update('Trip', trip, 1, { startDate: 'soon' }), 'INVALID'],
      [
        'that breaks a rule',
        (trip: string) => change.update('Trip', trip, 1, { endDate: '2001-01-01T00:00:00Z' }),
        'INVALID',
      ],
      ['forbidden', () => change.update('Trip', newId(), 1, { name: 'x' }), 'FORBIDDEN'],
      [
        'from the future',
        (trip: string) => change.update('Trip', trip, 9, { name: 'x' }),
        'VERSION_FROM_FUTURE',
      ],
      [
        'not there',
        (trip: string) => change.update('Memory', newId(), 1, { tripId: trip, title: 'x' }),
        'NOT_FOUND',
      ],
      ['that waits for its parent', () => change.memory(newId(), newId()), 'DEPENDENCY_FAILED'],
    ] as const)(
      'a member %s: TRANSACTION_ABORTED for the others, naming the culprit',
      async (_what, bad, code) => {
        const ann = world().person();
        const [trip, other] = [await ann.newTrip(), await ann.newTrip()];
        const [tag, transactionId] = [newId(), newId()];
        const culprit = bad(trip);
        const receipts = await ann.phone.send(
          { ...change.update('Trip', other, 1, { name: 'x' }, at(1)), transactionId },
          { ...culprit, transactionId },
          { ...change.tag(tag, tag, {}, at(1)), transactionId },
          change.tag(newId(), newId()),
        );
        expect(nacked(receipts[1]).code).toBe(code);
        for (const receipt of [receipts[0], receipts[2]].map(nacked)) {
          expect(receipt).toMatchObject({ status: 'rejected', code: 'TRANSACTION_ABORTED' });
          expect(receipt.message).toContain(String(culprit.id));
        }
        expect(receipts[3]?.status).toBe('applied');
        expect(await ann.sees('Trip', other)).toMatchObject({ version: 1 });
        expect(await ann.sees('Tag', tag)).toBeNull();
        expect(await world().waiting(ann)).toEqual([]);
        expect(await ann.conflicts()).toEqual([]);
      },
    );

    test('so too a member whose name is taken, or whose change id was used before', async () => {
      const ann = world().person();
      const [sea, hill] = [await ann.newTag('Sea'), await ann.newTag('Hill')];
      const [trip, changeId] = [await ann.newTrip(), newId()];
      await ann.phone.ack({ ...change.update('Trip', trip, 1, { name: 'x' }, at(1)), changeId });
      for (const [culprit, code] of [
        [change.update('Tag', hill, 1, { name: ' SEA ' }, at(1)), 'UNIQUE'],
        [{ ...change.update('Trip', trip, 1, { name: 'y' }, at(1)), changeId }, 'CHANGE_ID_REUSED'],
      ] as const) {
        const transactionId = newId();
        const receipts = await ann.phone.send(
          { ...change.update('Tag', sea, 1, { color: 'red' }, at(1)), transactionId },
          { ...culprit, transactionId },
        );
        expect(receipts.map((receipt) => nacked(receipt).code)).toEqual(['TRANSACTION_ABORTED', code]);
      }
      expect(await ann.sees('Tag', sea)).toMatchObject({ version: 1 });
    });

    test('a deletion that loses takes its group back', async () => {
      const ann = world().person();
      const { first, second } = await raced(ann);
      const transactionId = newId();
      const receipts = await ann.phone.send(
        { ...change.remove('Trip', first, 1, at(5)), transactionId },
        { ...change.remove('Trip', second, 1, at(5)), transactionId },
      );
      expect(receipts.map((receipt) => acked(receipt).conflict?.conflictType)).toEqual([
        'DELETION_CONFLICT',
        'DELETION_CONFLICT',
      ]);
      expect(await ann.sees('Trip', first)).toMatchObject({ version: 1 });
      const [conflict] = await ann.conflicts();
      expect(await ann.resolve(conflict?.id ?? '', 'FIRST_WRITE_WINS')).toMatchObject({ ok: true });
      expect(await ann.sees('Trip', second)).toMatchObject({ version: 2 });
    });

    test('an own older edit that is superseded aborts the group', async () => {
      const ann = world().person();
      const [trip, other, transactionId] = [await ann.newTrip(), await ann.newTrip(), newId()];
      await ann.phone.ack(change.update('Trip', trip, 1, { name: 'Later' }, at(9)));
      const receipts = await ann.phone.send(
        { ...change.update('Trip', trip, 1, { name: 'Earlier' }, at(5)), transactionId },
        { ...change.update('Trip', other, 1, { name: 'x' }, at(5)), transactionId },
      );
      expect(receipts.map((receipt) => nacked(receipt).code)).toEqual([
        'TRANSACTION_ABORTED',
        'TRANSACTION_ABORTED',
      ]);
    });

    test('a child of a group that was aborted fails with it', async () => {
      const ann = world().person();
      const [trip, transactionId] = [newId(), newId()];
      const receipts = await ann.phone.send(
        { ...change.trip(trip), transactionId },
        { ...change.update('Trip', newId(), 1, { name: 'x' }), transactionId },
        change.memory(newId(), trip),
      );
      expect(nacked(receipts[2]).code).toBe('DEPENDENCY_FAILED');
    });

    test('an aborted group may be corrected and sent again under its name', async () => {
      const ann = world().person();
      const [trip, transactionId, tag] = [await ann.newTrip(), newId(), newId()];
      const good = { ...change.tag(tag, tag, {}, at(1)), transactionId };
      await ann.phone.send(good, { ...change.update('Trip', trip, 9, { name: 'x' }), transactionId });
      const again = await ann.phone.send(good, {
        ...change.update('Trip', trip, 1, { name: 'x' }),
        transactionId,
      });
      expect(again.map(({ status }) => status)).toEqual(['applied', 'applied']);
    });

    test('sent again as a whole: replayed', async () => {
      const ann = world().person();
      const [trip, transactionId] = [newId(), newId()];
      const group = [
        { ...change.trip(trip, {}, at(1)), transactionId },
        { ...change.memory(newId(), trip, {}, at(1)), transactionId },
      ];
      const first = await ann.phone.send(...group);
      const head = await world().head(tripScope(trip));
      expect(await ann.phone.send(...group)).toEqual(
        first.map((receipt) => ({ ...receipt, replayed: true })),
      );
      expect(await world().head(tripScope(trip))).toBe(head);
    });

    test('kept as a conflict and sent again as a whole: replayed', async () => {
      const ann = world().person();
      const { first, second } = await raced(ann);
      const transactionId = newId();
      const group = [
        { ...change.update('Trip', first, 1, { name: 'Mine' }, at(5)), transactionId },
        { ...change.update('Trip', second, 1, { name: 'Mine' }, at(5)), transactionId },
      ];
      const receipts = await ann.phone.send(...group);
      expect(await ann.phone.send(...group)).toEqual(
        receipts.map((receipt) => ({ ...receipt, replayed: true })),
      );
      expect(await ann.conflicts()).toHaveLength(1);
    });

    test.each(['applied', 'kept as a conflict'] as const)(
      'the name of a group that was %s, used for others: TRANSACTION_SPLIT',
      async (how) => {
        const ann = world().person();
        const { first, second } = await raced(ann);
        const [transactionId, tag] = [newId(), newId()];
        const second5 = change.update(
          'Trip',
          second,
          1,
          how === 'applied' ? { isActive: false } : { name: 'Mine' },
          at(5),
        );
        await ann.phone.send(
          { ...change.update('Trip', first, 1, { name: 'Mine' }, at(5)), transactionId },
          { ...second5, transactionId },
        );
        const late = await ann.phone.nack({ ...change.tag(tag, tag, {}, at(6)), transactionId });
        expect(late).toMatchObject({ status: 'rejected', code: 'TRANSACTION_SPLIT' });
        expect(await ann.sees('Tag', tag)).toBeNull();
      },
    );

    test('two people may use one transaction id', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const transactionId = newId();
      await ann.phone.ack({ ...change.trip(newId()), transactionId });
      await bea.phone.ack({ ...change.trip(newId()), transactionId });
    });
  });
}
