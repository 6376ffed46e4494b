/** Receipts: what is answered again, what is fed again, and what a caller may take as its new base. */
import { expect, test } from 'vitest';
import { change } from '../support/engine.ts';
import { acked, at, describeOn, type MakeStore, nacked, newId, tripScope } from './world.ts';

export function registerReceiptTests(name: string, makeStore: MakeStore): void {
  describeOn(`receipts on ${name}`, makeStore, (world) => {
    test('any | receipt known: replayed, without any further effect', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      const raw = { ...change.update('Trip', trip, 1, { name: 'Normandy' }, at(1)), changeId: newId() };
      const first = await ann.phone.ack(raw);
      await ann.tablet.ack(change.update('Trip', trip, 2, { name: 'Brittany' }, at(2)));
      const head = await world().head(tripScope(trip));
      const again = await ann.phone.ack(raw);
      expect(again).toEqual({ ...first, replayed: true });
      expect(await ann.sees('Trip', trip)).toMatchObject({ version: 3, fields: { name: 'Brittany' } });
      expect(await world().head(tripScope(trip))).toBe(head);
    });

    test('a replayed receipt has the place of the new submission', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      const raw = { ...change.update('Trip', trip, 1, { name: 'x' }, at(1)), changeId: newId() };
      await ann.phone.ack(raw);
      const [, second] = await ann.phone.send(change.tag(newId(), newId()), raw);
      expect(acked(second)).toMatchObject({ index: 1, replayed: true, changeId: raw.changeId });
    });

    test('the same change id sent at once by two devices has one effect', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      const raw = { ...change.update('Trip', trip, 1, { name: 'x' }, at(1)), changeId: newId() };
      const receipts = await Promise.all(
        Array.from({ length: 5 }, (_, n) => (n % 2 ? ann.phone : ann.tablet).ack(raw)),
      );
      expect(receipts.filter(({ replayed }) => !replayed)).toHaveLength(1);
      expect(await ann.sees('Trip', trip)).toMatchObject({ version: 2 });
    });

    test('same id, other content: CHANGE_ID_REUSED, and the record stays as it is', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      const raw = { ...change.update('Trip', trip, 1, { name: 'x' }, at(1)), changeId: newId() };
      await ann.phone.ack(raw);
      const others = [
        { ...raw, fields: { name: 'y' } },
        { ...raw, base: 2 },
        { ...raw, id: await ann.newTrip() },
        { ...raw, operation: 'DELETE', fields: {} },
        { ...raw, clientTime: at(9) },
        { ...raw, priority: 'HIGH' },
      ];
      for (const other of others)
        expect(await ann.phone.nack(other)).toMatchObject({ status: 'rejected', code: 'CHANGE_ID_REUSED' });
      expect(await ann.sees('Trip', trip)).toMatchObject({ version: 2, fields: { name: 'x' } });
    });

    test('same id, other content, within one submission', async () => {
      const ann = world().person();
      const [trip, changeId] = [await ann.newTrip(), newId()];
      const [first, same, other] = await ann.phone.send(
        { ...change.update('Trip', trip, 1, { name: 'x' }, at(1)), changeId },
        { ...change.update('Trip', trip, 1, { name: 'x' }, at(1)), changeId },
        { ...change.update('Trip', trip, 1, { name: 'y' }, at(1)), changeId },
      );
      expect(acked(first).replayed).toBe(false);
      expect(acked(same).replayed).toBe(true);
      expect(nacked(other).code).toBe('CHANGE_ID_REUSED');
    });

    test('two people may use one change id', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const changeId = newId();
      expect(await ann.phone.ack({ ...change.trip(newId()), changeId })).toMatchObject({ replayed: false });
      expect(await bea.phone.ack({ ...change.trip(newId()), changeId })).toMatchObject({ replayed: false });
    });

    test('only ACKs are replayed: what was rejected is decided again', async () => {
      const ann = world().person();
      const [trip, memory] = [await ann.newTrip(), newId()];
      const raw = { ...change.update('Memory', memory, 1, { tripId: trip, title: 'x' }), changeId: newId() };
      expect((await ann.phone.nack(raw)).code).toBe('NOT_FOUND');
      await ann.phone.ack(change.memory(memory, trip));
      expect(await ann.phone.ack(raw)).toMatchObject({ status: 'applied', version: 2, replayed: false });
    });

    test('a batch without change ids, sent twice, has one effect', async () => {
      const ann = world().person();
      const [trip, memory] = [newId(), newId()];
      const batch = [
        change.trip(trip, {}, at(1)),
        change.memory(memory, trip, {}, at(1)),
        change.update('Memory', memory, 1, { title: 'x' }, at(2)),
        { ...change.tag('', newId(), {}, at(2)), id: null },
        change.remove('Memory', memory, 2, at(3)),
      ];
      const facts = { batchId: newId() };
      const first = await ann.phone.submit(facts, ...batch);
      const head = await world().head(tripScope(trip));
      const again = await ann.phone.submit(facts, ...batch);
      expect(again).toEqual(first.map((receipt) => ({ ...receipt, replayed: true })));
      expect(await world().head(tripScope(trip))).toBe(head);
    });

    test('changes that differ in priority alone are two changes', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      const raw = change.update('Trip', trip, 1, { name: 'x' }, at(1));
      await ann.phone.ack({ ...raw, priority: 'LOW' });
      expect(await ann.phone.ack({ ...raw, priority: 'HIGH' })).toMatchObject({ replayed: false });
      expect(await ann.sees('Trip', trip)).toMatchObject({ priority: 2 });
    });

    test('plain CRUD calls get a fresh change id each, so the same call twice is two calls', async () => {
      const ann = world().person();
      const legacy = { origin: 'legacy', batchId: newId() } as const;
      const raw = { ...change.trip(''), id: null };
      const first = await ann.nameless.ack(raw, legacy);
      expect((await ann.nameless.ack(raw, legacy)).entityId).not.toBe(first.entityId);
    });

    test('UPDATE | live | nothing would change: success; no version, no seq', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      const scope = tripScope(trip);
      const before = await world().record(scope, 'Trip', trip);
      const receipt = await ann.phone.ack(change.update('Trip', trip, 1, { name: 'Brittany' }, at(1)));
      expect(receipt).toMatchObject({ status: 'applied', version: 1, stands: true, record: null });
      expect(await world().record(scope, 'Trip', trip)).toEqual(before);
      expect(await world().head(scope)).toBe(before?.seq === undefined ? -1 : await world().head(scope));
      const { cursor } = await ann.tablet.pull();
      await ann.phone.ack(change.update('Trip', trip, 1, { name: 'Brittany' }, at(2)));
      expect((await ann.tablet.pull(cursor)).records).toEqual([]);
    });

    test('nothing to do on a newer version: the answer has the record, for only with it the version is of use', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      await ann.tablet.ack(change.update('Trip', trip, 1, { name: 'Normandy' }, at(1)));
      const receipt = await ann.phone.ack(change.update('Trip', trip, 1, { isActive: true }, at(2)));
      expect(receipt).toMatchObject({
        status: 'applied',
        version: 2,
        record: { fields: { name: 'Normandy' } },
      });
    });

    test('a client without a base learns its new base only together with what it has not sent', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      await ann.tablet.ack(change.update('Trip', trip, 1, { tripDescription: 'Theirs' }, at(1)));
      const receipt = await ann.phone.ack(change.update('Trip', trip, null, { name: 'Normandy' }, at(2)));
      expect(receipt).toMatchObject({ version: 3, record: { fields: { tripDescription: 'Theirs' } } });
    });

    test('if not all sent values stand, the record is fed again to everyone, beyond what the answer says', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      await ann.tablet.ack(change.update('Trip', trip, 1, { name: 'Theirs' }, at(9)));
      const before = await world().record(tripScope(trip), 'Trip', trip);
      const { cursor } = await ann.phone.pull();
      const lost = await ann.phone.ack(change.update('Trip', trip, 1, { name: 'Mine' }, at(5)));
      expect(lost).toMatchObject({
        status: 'conflict',
        stands: false,
        version: 2,
        record: { fields: { name: 'Theirs' } },
      });
      const { records } = await ann.phone.pull(cursor);
      expect(records).toMatchObject([{ id: trip, version: 2, fields: { name: 'Theirs' } }]);
      const [fed] = records;
      expect(fed?.seq).toBeGreaterThan(lost.seq ?? Infinity);
      expect(fed?.updatedAt).toBeGreaterThan(lost.updatedAt ?? Infinity);
      expect(lost).toMatchObject({ seq: before?.seq, updatedAt: before?.updatedAt });
    });

    test('so too where a part of it stands', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      await ann.tablet.ack(change.update('Trip', trip, 1, { name: 'Theirs' }, at(9)));
      const lost = await ann.phone.ack(
        change.update('Trip', trip, 1, { name: 'Mine', tripDescription: 'Mine' }, at(5)),
      );
      expect(lost).toMatchObject({
        status: 'conflict',
        stands: false,
        version: 3,
        mergedFields: ['tripDescription'],
        record: { fields: { name: 'Theirs', tripDescription: 'Mine' } },
      });
      const fed = await world().record(tripScope(trip), 'Trip', trip);
      expect(fed?.seq).toBeGreaterThan(lost.seq ?? Infinity);
      expect(fed?.updatedAt).toBeGreaterThan(lost.updatedAt ?? Infinity);
    });

    test('an own edit that a later one of the same device has superseded is fed again, without a conflict', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      await ann.phone.ack(change.update('Trip', trip, 1, { name: 'Later' }, at(9)));
      const old = await ann.phone.ack(change.update('Trip', trip, 1, { name: 'Earlier' }, at(5)));
      expect(old).toMatchObject({
        status: 'merged',
        stands: false,
        conflict: null,
        record: { fields: { name: 'Later' } },
      });
      expect((await world().record(tripScope(trip), 'Trip', trip))?.seq).toBeGreaterThan(old.seq ?? Infinity);
    });

    test('two people on one device are two devices', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const trip = await ann.newTrip();
      await ann.share(trip, bea, 'EDITOR');
      await ann.phone.ack(change.update('Trip', trip, 1, { name: 'Ann’s' }, at(1)));
      const [receipt] = (
        await bea.engine.submit({
          domain: 'travel',
          actor: bea,
          device: ann.phone.name,
          batchId: newId(),
          origin: 'client',
          changes: [change.update('Trip', trip, 1, { name: 'Bea’s' }, at(2))],
        })
      ).receipts;
      expect(acked(receipt)).toMatchObject({
        status: 'conflict',
        conflict: { winner: 'client', fields: ['name'] },
      });
    });

    test('a change id of somebody else’s in the submission makes no edit the caller’s own', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const trip = await ann.newTrip();
      await ann.share(trip, bea, 'EDITOR');
      const changeId = newId();
      await ann.phone.ack({ ...change.update('Trip', trip, 1, { name: 'Ann’s' }, at(1)), changeId });
      const [, mine] = await bea.phone.send(
        { ...change.tag(newId(), newId()), changeId },
        change.update('Trip', trip, 1, { name: 'Bea’s' }, at(2)),
      );
      expect(acked(mine)).toMatchObject({ status: 'conflict' });
    });

    test('every clash is journaled with both sides, fields, strategy, winner and times', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      await ann.tablet.ack(change.update('Trip', trip, 1, { name: 'Theirs' }, at(3)));
      const { conflict } = await ann.phone.ack(change.update('Trip', trip, 1, { name: 'Mine' }, at(5)));
      expect(await world().conflict(tripScope(trip), conflict?.id ?? '')).toMatchObject({
        type: 'travel.Trip',
        entityId: trip,
        conflictType: 'VERSION_MISMATCH',
        status: 'resolved',
        strategy: 'LAST_WRITE_WINS',
        winner: 'client',
        fields: ['name'],
        serverVersion: 2,
        clientVersion: 1,
        base: { name: 'Brittany' },
        server: { name: 'Theirs' },
        client: { name: 'Mine' },
        clientDeletes: false,
        serverTime: at(3),
        clientTime: at(5),
        actor: ann.userId,
        device: ann.phone.name,
        resolvedBy: 'system',
        decidedVersion: 3,
      });
    });

    test('a clock that runs ahead gains five minutes at most, and the edit before it still counts', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      const ahead = await ann.tablet.ack(
        change.update('Trip', trip, 1, { name: 'Ahead' }, Date.now() + 86_400_000),
      );
      expect(ahead.status).toBe('applied');
      const { conflict } = await ann.phone.ack(change.update('Trip', trip, 1, { name: 'Mine' }));
      expect(conflict).toMatchObject({ winner: 'server' });
      expect((conflict?.serverTime ?? 0) - Date.now()).toBeLessThanOrEqual(5 * 60_000);
    });

    test('base was current when received, no longer when decided: CONCURRENT_MODIFICATION', async () => {
      const { conflict } = await world().person().race();
      expect(conflict).toMatchObject({ fields: ['title'], base: { title: 'Lighthouse' }, winner: 'server' });
    });

    test('one open conflict per record and device; a re-push supersedes it', async () => {
      const ann = world().person(world().engineFor('MANUAL_RESOLUTION'));
      const trip = await ann.newTrip();
      await ann.tablet.ack(change.update('Trip', trip, 1, { name: 'Theirs' }, at(3)));
      const first = await ann.phone.ack(change.update('Trip', trip, 1, { name: 'Mine' }, at(4)));
      const second = await ann.phone.ack(change.update('Trip', trip, 1, { name: 'Mine too' }, at(5)));
      expect(first.conflict).toMatchObject({ status: 'pending', winner: null });
      expect((await ann.conflicts()).map(({ id }) => id)).toEqual([second.conflict?.id]);
      expect(await world().conflict(tripScope(trip), first.conflict?.id ?? '')).toMatchObject({
        status: 'superseded',
      });
    });

    test('legacy CRUD never revives: the deletion stands, the values are kept as a conflict', async () => {
      const ann = world().person();
      const memory = await ann.newMemory(await ann.newTrip());
      await ann.phone.ack(change.remove('Memory', memory, 1, at(1)));
      const receipt = await ann.nameless.ack(change.update('Memory', memory, null, { title: 'x' }), {
        origin: 'legacy',
      });
      expect(receipt).toMatchObject({
        status: 'conflict',
        stands: false,
        conflict: { winner: 'server', client: { title: 'x' } },
      });
      expect(await ann.sees('Memory', memory)).toBeNull();
    });
  });
}
