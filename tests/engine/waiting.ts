/** CREATE / UPDATE | – | hard reference to a parent that is unknown, gone or forbidden: one answer for the three. */
import { LIMITS } from '@ackord/core';
import { expect, test } from 'vitest';
import { change } from '../support/engine.ts';
import { acked, at, describeOn, type MakeStore, nacked, newId, type Person } from './world.ts';

export function registerWaitingTests(name: string, makeStore: MakeStore): void {
  const pending = async (person: Person) =>
    (await person.conflicts()).filter(({ status }) => status === 'pending');

  describeOn(`waiting for a parent on ${name}`, makeStore, (world) => {
    test.each(['unknown', 'gone', 'forbidden'] as const)(
      'a parent that is %s: kept for the actor, and listed',
      async (kind) => {
        const [ann, bea] = [world().person(), world().person()];
        const trip =
          kind === 'forbidden' ? await bea.newTrip() : kind === 'gone' ? await ann.newTrip() : newId();
        if (kind === 'gone') await ann.phone.ack(change.remove('Trip', trip, 1, at(1)));
        const memory = newId();
        const receipt = await ann.phone.ack(change.memory(memory, trip, { title: 'Early' }, at(2)));
        expect({ ...receipt, changeId: '' }).toEqual({
          status: 'conflict',
          index: 0,
          changeId: '',
          entityType: 'Memory',
          entityId: memory,
          operation: 'CREATE',
          version: null,
          seq: null,
          updatedAt: null,
          stamp: null,
          isNews: true,
          replayed: false,
          mergedFields: [],
          conflict: expect.objectContaining({
            conflictType: 'DEPENDENCY_CONFLICT',
            status: 'pending',
            fields: ['tripId'],
            scope: ann.scope,
            client: { tripId: trip, title: 'Early' },
            server: null,
          }),
          canonicalId: null,
          stands: false,
          record: null,
        });
        expect(await pending(ann)).toMatchObject([{ entityId: memory }]);
        expect(await pending(bea)).toEqual([]);
        expect(await ann.sees('Memory', memory)).toBeNull();
      },
    );

    test('released when the parent comes from another device, in order, children after their parents', async () => {
      const ann = world().person();
      const [trip, memory, media] = [newId(), newId(), newId()];
      await ann.phone.ack(change.media(media, memory, {}, at(2)));
      await ann.phone.ack(change.memory(memory, trip, { title: 'Early' }, at(2)));
      await ann.phone.ack(change.update('Memory', memory, 1, { title: 'Behind' }, at(3)));
      await ann.tablet.ack(change.trip(trip, {}, at(4)));
      await expect.poll(() => ann.sees('MediaItem', media)).not.toBeNull();
      await expect
        .poll(() => ann.sees('Memory', memory))
        .toMatchObject({
          fields: { title: 'Behind' },
          clock: { title: { time: at(3) } },
        });
      await expect.poll(() => world().waiting(ann)).toEqual([]);
      expect(await pending(ann)).toEqual([]);
    });

    test('changes of one record that were sent together are released in the order in which they were sent', async () => {
      const ann = world().person();
      for (let round = 0; round < 5; round++) {
        const [trip, memory] = [newId(), newId()];
        await ann.phone.send(
          change.memory(memory, trip, { title: 'First' }, at(2)),
          change.update('Memory', memory, 1, { title: 'Second' }, at(3)),
          change.update('Memory', memory, 2, { text: 'Third' }, at(4)),
          change.update('Memory', memory, 3, { title: 'Last' }, at(5)),
        );
        await ann.tablet.ack(change.trip(trip, {}, at(6)));
        await expect.poll(() => world().waiting(ann)).toEqual([]);
        expect(await ann.sees('Memory', memory)).toMatchObject({
          version: 4,
          fields: { title: 'Last', text: 'Third' },
        });
      }
      expect(await pending(ann)).toEqual([]);
    });

    test('released when access is given', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const trip = await ann.newTrip();
      const memory = newId();
      await bea.phone.ack(change.memory(memory, trip, {}, at(2)));
      await ann.share(trip, bea, 'EDITOR');
      await expect.poll(() => bea.sees('Memory', memory)).toMatchObject({ createdBy: bea.userId });
    });

    test('a role that is too weak is no parent that is there: it goes on waiting, with what waits for it', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const trip = await ann.newTrip();
      await ann.share(trip, bea, 'EDITOR');
      await ann.share(trip, bea, null);
      const [memory, media] = [newId(), newId()];
      await bea.phone.send(
        change.memory(memory, trip, { title: 'Early' }, at(2)),
        change.update('Memory', memory, 1, { text: 'Behind' }, at(3)),
        change.media(media, memory, {}, at(3)),
      );
      // A server that stops has looked at what waits before.
      const looks = world().engineWith({});
      await ann.on(looks).share(trip, bea, 'VIEWER');
      await looks.stop();
      expect(await world().waiting(bea)).toHaveLength(3);
      expect(await pending(bea)).toHaveLength(3);
      expect(await ann.sees('Memory', memory)).toBeNull();
      await ann.share(trip, bea, 'EDITOR');
      await expect.poll(() => world().waiting(bea)).toEqual([]);
      expect(await ann.sees('Memory', memory)).toMatchObject({ fields: { title: 'Early', text: 'Behind' } });
      expect(await ann.sees('MediaItem', media)).not.toBeNull();
      expect(await bea.conflicts()).toEqual([]);
    });

    test('validated and authorized again when the parent comes: what is refused stays listed, with what was sent', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const [trip, target] = [await ann.newTrip(), newId()];
      const memory = await ann.newMemory(trip);
      await ann.share(trip, bea, 'EDITOR');
      const raw = {
        ...change.update('Memory', memory, 1, { tripId: target, title: 'Mine' }, at(2)),
        changeId: newId(),
      };
      await bea.phone.ack(raw);
      await ann.share(trip, bea, 'VIEWER');
      await bea.tablet.ack(change.trip(target, {}, at(3)));
      await expect.poll(() => world().waiting(bea)).toEqual([]);
      expect(await bea.sees('Memory', memory)).toMatchObject({ version: 1 });
      const lost = { status: 'resolved', winner: 'server', client: { tripId: target, title: 'Mine' } };
      expect(await bea.conflicts()).toMatchObject([lost]);
      expect(await bea.phone.ack(raw)).toMatchObject({ replayed: true, stands: false, conflict: lost });
    });

    test('released when the parent is restored with the trip that it was deleted with', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      const memory = await ann.newMemory(trip);
      await ann.phone.ack(change.remove('Trip', trip, 1, at(1)));
      const media = newId();
      await ann.tablet.ack(change.media(media, memory, {}, at(2)));
      const late = await ann.tablet.ack(change.update('Trip', trip, 1, { name: 'Late' }, at(3)));
      expect(await ann.resolve(late.conflict?.id ?? '', 'MANUAL_RESOLUTION', { name: 'Late' })).toMatchObject(
        { ok: true },
      );
      await expect.poll(() => ann.sees('MediaItem', media)).not.toBeNull();
    });

    test('one bad actor can’t get in: its changes wait, whatever happens to the parent', async () => {
      const [ann, eve] = [world().person(), world().person()];
      const trip = await ann.newTrip();
      const memory = await ann.newMemory(trip);
      const planted = [newId(), newId(), newId()] as const;
      await eve.phone.ack(change.memory(planted[0], trip, {}, at(2)));
      await eve.phone.ack(change.media(planted[1], memory, {}, at(2)));
      await eve.phone.ack(change.media(planted[2], planted[0], {}, at(2)));
      await ann.phone.ack(change.update('Trip', trip, 1, { name: 'x' }, at(3)));
      await ann.phone.ack(change.update('Memory', memory, 1, { title: 'x' }, at(3)));
      const own = await ann.newMemory(trip);
      expect(await ann.sees('Memory', own)).not.toBeNull();
      expect(await world().waiting(eve)).toHaveLength(3);
      for (const id of planted) expect(await ann.sees('MediaItem', id)).toBeNull();
      expect(await ann.sees('Memory', planted[0])).toBeNull();
    });

    test('a change of a record that is there is decided at once, whatever of it waits', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      const memory = await ann.newMemory(trip);
      await ann.phone.ack(change.update('Memory', memory, 1, { tripId: newId() }, at(1)));
      for (const [device, edit, status, version] of [
        [ann.phone, { text: 'Phone' }, 'applied', 2],
        [ann.tablet, { tripId: trip, title: 'Tablet' }, 'merged', 3],
        [ann.nameless, { weatherJSON: 'Rain' }, 'merged', 4],
      ] as const)
        expect(await device.ack(change.update('Memory', memory, 1, edit, at(2)))).toMatchObject({
          status,
          version,
          conflict: null,
          stands: true,
        });
      expect(await ann.sees('Memory', memory)).toMatchObject({
        fields: { tripId: trip, text: 'Phone', title: 'Tablet', weatherJSON: 'Rain' },
      });
      expect(await pending(ann)).toHaveLength(1);
    });

    test('released, it may meet a conflict: that has an id of its own, and nothing stays open', async () => {
      const ann = world().person();
      const memory = await ann.newMemory(await ann.newTrip());
      const target = newId();
      const raw = {
        ...change.update('Memory', memory, 1, { tripId: target, title: 'Waits' }, at(1)),
        changeId: newId(),
      };
      const waits = await ann.phone.ack(raw);
      await ann.tablet.ack(change.update('Memory', memory, 1, { title: 'Later' }, at(2)));
      await ann.tablet.ack(change.trip(target, {}, at(3)));
      await expect.poll(() => world().waiting(ann)).toEqual([]);
      expect(await ann.sees('Memory', memory)).toMatchObject({ fields: { tripId: target, title: 'Later' } });
      const listed = await ann.conflicts();
      expect(listed).toMatchObject([
        {
          conflictType: 'VERSION_MISMATCH',
          status: 'resolved',
          winner: 'server',
          client: { title: 'Waits' },
        },
      ]);
      expect(listed[0]?.id).not.toBe(waits.conflict?.id);
      expect(await world().conflict(ann.scope, waits.conflict?.id ?? '')).toMatchObject({
        conflictType: 'DEPENDENCY_CONFLICT',
        status: 'superseded',
      });
      const again = await ann.phone.ack(raw);
      expect(again).toMatchObject({ status: 'conflict', replayed: true, conflict: { id: listed[0]?.id } });
    });

    test('where a person is to decide, the new conflict waits alone, and what still waits goes on', async () => {
      const ann = world().person(world().engineFor('MANUAL_RESOLUTION'));
      const memory = await ann.newMemory(await ann.newTrip());
      const [target, never] = [newId(), newId()];
      await ann.phone.ack(change.update('Memory', memory, 1, { tripId: target, title: 'Waits' }, at(1)));
      await ann.phone.ack(change.update('Memory', memory, 1, { tripId: never }, at(1)));
      await ann.tablet.ack(change.update('Memory', memory, 1, { title: 'Later' }, at(2)));
      await ann.tablet.ack(change.trip(target, {}, at(3)));
      await expect.poll(async () => (await world().waiting(ann)).length).toBe(1);
      expect((await pending(ann)).map(({ conflictType }) => conflictType).sort()).toEqual([
        'DEPENDENCY_CONFLICT',
        'VERSION_MISMATCH',
      ]);
    });

    test.each(['phone', 'tablet', 'nameless'] as const)(
      'a CREATE that waits is over when the record is made by a later one of the %s; what queued behind goes on',
      async (device) => {
        const ann = world().person();
        const [trip, wrong, memory] = [await ann.newTrip(), newId(), newId()];
        const raw = { ...change.memory(memory, wrong, {}, at(2)), changeId: newId() };
        await ann.phone.ack(raw);
        await ann.phone.ack(change.update('Memory', memory, 1, { text: 'Behind' }, at(3)));
        expect(await ann[device].ack(change.memory(memory, trip, {}, at(2)))).toMatchObject({
          status: 'applied',
        });
        await expect.poll(() => world().waiting(ann)).toEqual([]);
        expect(await ann.sees('Memory', memory)).toMatchObject({ fields: { tripId: trip, text: 'Behind' } });
        const lost = { status: 'resolved', winner: 'server', client: { tripId: wrong } };
        expect(await ann.conflicts()).toMatchObject([lost]);
        expect(await ann.phone.ack(raw)).toMatchObject({ replayed: true, stands: false, conflict: lost });
        await ann.phone.ack(change.trip(wrong, {}, at(4)));
        expect(await ann.sees('Memory', memory)).toMatchObject({ version: 2, fields: { tripId: trip } });
      },
    );

    test.each(['phone', 'tablet', 'nameless'] as const)(
      'a move that waits takes nothing back from a later one of the %s, and says so',
      async (device) => {
        const ann = world().person();
        const [from, to, late] = [await ann.newTrip(), await ann.newTrip(), newId()];
        const memory = await ann.newMemory(from);
        const raw = { ...change.update('Memory', memory, 1, { tripId: late }, at(2)), changeId: newId() };
        await ann.phone.ack(raw);
        await ann[device].ack(change.update('Memory', memory, 1, { tripId: to }, at(2)));
        await ann.phone.ack(change.trip(late, {}, at(3)));
        await expect.poll(() => world().waiting(ann)).toEqual([]);
        expect(await ann.sees('Memory', memory)).toMatchObject({ fields: { tripId: to } });
        expect(await ann.conflicts()).toMatchObject([
          { status: 'resolved', winner: 'server', client: { tripId: late } },
        ]);
        expect(await ann.phone.ack(raw)).toMatchObject({ replayed: true, stands: false, version: 2 });
      },
    );

    test('a CREATE with the right parent is applied, also beside the wrong one in one submission', async () => {
      const ann = world().person();
      const [trip, memory] = [await ann.newTrip(), newId()];
      const receipts = await ann.phone.send(
        change.memory(memory, newId(), {}, at(2)),
        change.memory(memory, trip, {}, at(2)),
        change.update('Memory', memory, 1, { title: 'Now' }, at(3)),
      );
      expect(receipts.map(({ status }) => status)).toEqual(['conflict', 'applied', 'applied']);
      expect(await world().waiting(ann)).toEqual([]);
    });

    test('made and deleted in one submission, it leaves nothing that waits', async () => {
      const ann = world().person();
      const memory = newId();
      const receipts = await ann.phone.send(
        change.memory(memory, newId(), {}, at(2)),
        change.remove('Memory', memory, 1, at(3)),
      );
      expect(receipts.map(({ status }) => status)).toEqual(['conflict', 'applied']);
      expect(await world().waiting(ann)).toEqual([]);
      expect(await pending(ann)).toEqual([]);
    });

    test('a DELETE cancels what waits', async () => {
      const ann = world().person();
      const [trip, memory] = [newId(), newId()];
      await ann.phone.ack(change.memory(memory, trip, {}, at(2)));
      await ann.phone.ack(change.update('Memory', memory, 1, { title: 'x' }, at(3)));
      expect(await ann.phone.ack(change.remove('Memory', memory, 1, at(4)))).toMatchObject({
        status: 'applied',
        version: null,
      });
      expect(await world().waiting(ann)).toEqual([]);
      expect(await pending(ann)).toEqual([]);
      expect(await ann.conflicts()).toHaveLength(2);
      await ann.tablet.ack(change.trip(trip, {}, at(5)));
      expect(await ann.phone.ack(change.tag(newId(), newId()))).toMatchObject({ status: 'applied' });
      expect(await ann.sees('Memory', memory)).toBeNull();
    });

    test('a DELETE of the record cancels what waits for it, and all of that stays listed', async () => {
      const ann = world().person();
      const memory = await ann.newMemory(await ann.newTrip());
      const target = newId();
      const raw = {
        ...change.update('Memory', memory, 1, { tripId: target, title: 'Phone' }, at(1)),
        changeId: newId(),
      };
      await ann.phone.ack(raw);
      await ann.tablet.ack(change.update('Memory', memory, 1, { tripId: target, title: 'Tablet' }, at(2)));
      expect(await ann.tablet.ack(change.remove('Memory', memory, 1, at(3)))).toMatchObject({ version: 2 });
      expect(await world().waiting(ann)).toEqual([]);
      const lost = (title: string) => ({
        conflictType: 'DEPENDENCY_CONFLICT',
        status: 'resolved',
        winner: 'server',
        resolvedBy: ann.userId,
        client: { tripId: target, title },
      });
      const listed = (await ann.conflicts()).toSorted((a, b) => (a.device === b.device ? 0 : 1));
      expect(listed).toHaveLength(2);
      expect(listed).toMatchObject(
        listed[0]?.device === ann.phone.name
          ? [lost('Phone'), lost('Tablet')]
          : [lost('Tablet'), lost('Phone')],
      );
      expect(await ann.phone.ack(raw)).toMatchObject({ replayed: true, conflict: lost('Phone') });
      expect(await ann.resolve(listed[0]?.id ?? '', 'LAST_WRITE_WINS')).toMatchObject({
        code: 'STRATEGY_IMPOSSIBLE',
        message: expect.stringContaining('does not wait any more'),
      });
    });

    test('what its refusals say of a change that waits is true: it can be given up, and nothing else', async () => {
      const ann = world().person();
      const { conflict } = await ann.phone.ack(change.memory(newId(), newId(), {}, at(2)));
      for (const strategy of ['LAST_WRITE_WINS', 'MANUAL_RESOLUTION', 'KEEP_BOTH'] as const) {
        const answer = await ann.resolve(conflict?.id ?? '', strategy, { title: 'x' });
        if (answer.ok) throw new Error('It was resolved.');
        expect(answer.code).toBe('STRATEGY_IMPOSSIBLE');
        expect(answer.message).toMatch(/can only be given up.*FIRST_WRITE_WINS gives up/);
      }
    });

    test('a change that waits can be given up, and only by its writer', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const [trip, memory] = [newId(), newId()];
      const raw = { ...change.memory(memory, trip, {}, at(2)), changeId: newId() };
      const { conflict } = await ann.phone.ack(raw);
      const id = conflict?.id ?? '';
      expect(await bea.resolve(id, 'FIRST_WRITE_WINS')).toMatchObject({ ok: false, code: 'FORBIDDEN' });
      expect(await ann.resolve(id, 'LAST_WRITE_WINS')).toMatchObject({
        ok: false,
        code: 'STRATEGY_IMPOSSIBLE',
      });
      expect(await ann.resolve(id, 'FIRST_WRITE_WINS')).toMatchObject({ ok: true });
      expect(await world().waiting(ann)).toEqual([]);
      expect(await ann.phone.ack(raw)).toMatchObject({
        replayed: true,
        stands: false,
        conflict: { id, status: 'resolved', winner: 'server', resolvedBy: ann.userId },
      });
      await ann.tablet.ack(change.trip(trip, {}, at(5)));
      expect(await ann.sees('Memory', memory)).toBeNull();
    });

    test('sent again, a waiting change is answered alike', async () => {
      const ann = world().person();
      const raw = { ...change.memory(newId(), newId(), {}, at(2)), changeId: newId() };
      const first = await ann.phone.ack(raw);
      expect(await ann.phone.ack(raw)).toEqual({ ...first, replayed: true });
      expect(await world().waiting(ann)).toHaveLength(1);
    });

    test('sent again after its parent has come, it is answered with what became of it', async () => {
      const ann = world().person();
      const [trip, memory] = [newId(), newId()];
      const raw = { ...change.memory(memory, trip, {}, at(2)), changeId: newId() };
      await ann.phone.ack(raw);
      await ann.tablet.ack(change.trip(trip, {}, at(3)));
      await expect.poll(() => ann.sees('Memory', memory)).not.toBeNull();
      const final = { status: 'applied', version: 1, stands: true, conflict: null, replayed: true };
      expect(await ann.phone.ack(raw)).toMatchObject(final);
      await ann.phone.ack(change.update('Memory', memory, 1, { title: 'Later' }, at(4)));
      expect(await ann.phone.ack(raw)).toMatchObject(final);
      expect(await ann.phone.nack({ ...raw, fields: { ...raw.fields, title: 'x' } })).toMatchObject({
        code: 'CHANGE_ID_REUSED',
      });
    });

    test('parent failed in the same batch: DEPENDENCY_FAILED, at all depths', async () => {
      const ann = world().person();
      const [trip, memory] = [newId(), newId()];
      const [bad, ...below] = await ann.phone.send(
        change.trip(trip, { startDate: 'soon' }),
        change.memory(memory, trip),
        change.media(newId(), memory),
        change.update('Memory', memory, 1, { title: 'x' }),
      );
      expect(nacked(bad).code).toBe('INVALID');
      for (const receipt of below)
        expect(nacked(receipt)).toMatchObject({ status: 'rejected', code: 'DEPENDENCY_FAILED' });
      expect(await world().waiting(ann)).toEqual([]);
    });

    test('nor does a parent that breaks a rule, or whose change id was used before, make its children wait', async () => {
      const ann = world().person();
      const changeId = newId();
      await ann.phone.ack({ ...change.tag(newId(), newId()), changeId });
      const [first, second] = [newId(), newId()];
      const receipts = await ann.phone.send(
        change.trip(first, { startDate: '2026-05-02T00:00:00Z', endDate: '2026-05-01T00:00:00Z' }),
        change.memory(newId(), first),
        { ...change.trip(second), changeId },
        change.memory(newId(), second),
      );
      expect(receipts.map((receipt) => nacked(receipt).code)).toEqual([
        'INVALID',
        'DEPENDENCY_FAILED',
        'CHANGE_ID_REUSED',
        'DEPENDENCY_FAILED',
      ]);
    });

    test('a transaction group waits for nothing, and its refusal says what is missing', async () => {
      const ann = world().person();
      const [trip, transactionId] = [newId(), newId()];
      const refusal = await ann.phone.nack({ ...change.memory(newId(), trip, {}, at(2)), transactionId });
      expect(refusal).toMatchObject({ status: 'rejected', code: 'DEPENDENCY_FAILED' });
      expect(refusal.message).toMatch(/or it is unknown here and the change belongs to a transaction group/);
      expect(refusal.message).toContain(`It needs ${trip}.`);
    });

    test('links are never waited for', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      const memory = await ann.newMemory(trip, {
        tagIds: [newId()],
        bucketListItemId: newId(),
        gpxTrackId: newId(),
      });
      expect(await ann.sees('Memory', memory)).toMatchObject({ version: 1 });
    });

    test('what waits is bounded per actor, wherever the parent is and whoever queues behind', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const foreign = await bea.newTrip();
      const gone = await ann.newTrip();
      await ann.phone.ack(change.remove('Trip', gone, 1, at(1)));
      const room = LIMITS.waitingPerActorMax;
      const first = newId();
      const receipts = await ann.phone.send(
        change.memory(first, newId()),
        ...Array.from({ length: room + 5 }, () => change.memory(newId(), newId())),
      );
      expect(receipts.filter((receipt) => receipt.status === 'conflict')).toHaveLength(room);
      expect(nacked(receipts.at(-1)).code).toBe('TOO_MANY_WAITING');
      for (const more of [
        change.memory(newId(), newId()),
        change.memory(newId(), foreign),
        change.memory(newId(), gone),
        change.update('Memory', first, 1, { title: 'x' }),
      ])
        expect(await ann.phone.nack(more)).toMatchObject({ status: 'rejected', code: 'TOO_MANY_WAITING' });
      expect(await world().waiting(ann)).toHaveLength(room);
      expect(acked((await bea.phone.send(change.memory(newId(), newId())))[0]).status).toBe('conflict');
    });
  });
}
