/** CREATE, and changes of ids that are not there or not the caller's: they must not be told apart. */
import { expect, test } from 'vitest';
import { change } from '../support/engine.ts';
import { at, describeOn, type MakeStore, nacked, newId, tripScope } from './world.ts';

export function registerCreatingTests(name: string, makeStore: MakeStore): void {
  describeOn(`creating on ${name}`, makeStore, (world) => {
    test('CREATE | none: applied, version 1; a root makes its scope, and its maker the owner', async () => {
      const ann = world().person();
      const trip = newId();
      const receipt = await ann.phone.ack(change.trip(trip, {}, at(1)));
      expect(receipt).toMatchObject({
        status: 'applied',
        version: 1,
        stands: true,
        conflict: null,
        record: null,
      });
      expect((await ann.engine.scopes(ann)).get(tripScope(trip))).toBe('OWNER');
      expect(await ann.sees('Trip', trip)).toMatchObject({
        version: 1,
        createdBy: ann.userId,
        fields: { isActive: true },
      });
    });

    test('CREATE | none | without an id: derived from actor and change id, so two sends meet', async () => {
      const ann = world().person();
      const raw = { ...change.trip('', {}, at(1)), id: null, changeId: newId() };
      const [first, second] = await Promise.all([ann.phone.ack(raw), ann.tablet.ack(raw)]);
      expect(second.entityId).toBe(first.entityId);
      expect([first.replayed, second.replayed].sort()).toEqual([false, true]);
      const bea = await world().person().phone.ack(raw);
      expect(bea.entityId).not.toBe(first.entityId);
    });

    test('CREATE | live | same content: success with the current version', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      const head = await world().head(tripScope(trip));
      const receipt = await ann.tablet.ack(change.trip(trip, {}, at(2)));
      expect(receipt).toMatchObject({ status: 'applied', version: 1, stands: true });
      expect(await world().head(tripScope(trip))).toBe(head);
    });

    test('CREATE | live | other content, writer may see it: as UPDATE with base 0', async () => {
      const ann = world().person();
      const trip = await ann.newTrip({ tripDescription: 'kept' });
      const receipt = await ann.tablet.ack(change.trip(trip, { name: 'Normandy' }, at(2)));
      expect(receipt).toMatchObject({
        status: 'conflict',
        version: 2,
        conflict: { conflictType: 'VERSION_MISMATCH', fields: ['name'], winner: 'client', clientVersion: 0 },
      });
      expect(await ann.sees('Trip', trip)).toMatchObject({
        fields: { name: 'Normandy', tripDescription: 'kept' },
      });
    });

    test('CREATE | live | writer may not see it: FORBIDDEN, nothing revealed', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const trip = await ann.newTrip();
      const memory = await ann.newMemory(trip);
      const tag = await ann.newTag();
      const own = await bea.newTrip();
      const refusals = [
        await bea.phone.nack(change.trip(trip, { name: 'Mine' }, at(2))),
        await bea.phone.nack(change.memory(memory, own, {}, at(2))),
        await bea.phone.nack(change.tag(tag, 'Mine', {}, at(2))),
      ];
      for (const refusal of refusals) {
        expect(refusal).toMatchObject({ status: 'rejected', code: 'FORBIDDEN', field: null });
        expect(refusal.message).not.toMatch(/version|exists|Brittany|Lighthouse/i);
      }
      expect(await ann.sees('Trip', trip)).toMatchObject({ version: 1, fields: { name: 'Brittany' } });
      expect(await ann.conflicts()).toEqual([]);
    });

    test('foreign ids among many harm none of the others', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const trip = await ann.newTrip();
      const own = await bea.newTrip();
      const foreign = await Promise.all(
        Array.from({ length: 8 }, async () => ann.newMemory(await ann.newTrip())),
      );
      const mine = Array.from({ length: 8 }, newId);
      const receipts = await bea.phone.send(
        ...foreign.flatMap((id, index) => [change.memory(id, own), change.memory(mine[index] ?? '', own)]),
        change.update('Memory', foreign[0] ?? '', 1, { title: 'Mine' }),
        change.update('Trip', trip, 1, { name: 'Mine' }),
      );
      expect(receipts.filter(({ status }) => status === 'applied')).toHaveLength(mine.length);
      for (const receipt of receipts.filter(({ status }) => status !== 'applied'))
        expect(nacked(receipt)).toMatchObject({ status: 'rejected', code: 'FORBIDDEN' });
    });

    test.each([
      ['UPDATE', 1],
      ['UPDATE', null],
      ['DELETE', 1],
      ['DELETE', null],
    ] as const)('%s with base %s of a foreign id answers as of an unknown one', async (operation, base) => {
      const [ann, bea] = [world().person(), world().person()];
      const trip = await ann.newTrip();
      const memory = await ann.newMemory(trip);
      const own = await bea.newTrip();
      const foreign = {
        Trip: trip,
        Memory: memory,
        MediaItem: await ann.newMedia(memory),
        Tag: await ann.newTag(),
      };
      for (const [type, id] of Object.entries(foreign)) {
        const asked = (of: string, fields: Record<string, unknown> = {}) =>
          bea.phone.nack({ entityType: type, operation, id: of, base, fields });
        const bare = async (of: string) => ({ ...(await asked(of)), entityId: '', changeId: '' });
        expect(await bare(id)).toEqual(await bare(newId()));
        expect(await asked(id)).toMatchObject({ status: 'rejected', code: 'FORBIDDEN' });
      }
      expect(await ann.sees('Memory', memory)).toMatchObject({ version: 1 });
      // Also where the change names a scope of the caller's own.
      if (operation === 'UPDATE' && base !== null) {
        const named = (id: string) =>
          bea.phone.nack(change.update('Memory', id, base, { tripId: own, title: 'Mine' }));
        expect((await named(newId())).code).toBe('NOT_FOUND');
        expect((await named(memory)).code).toBe('NOT_FOUND');
      }
    });

    test('UPDATE | none | readable scope that the change itself named: blind, as CREATE; else NOT_FOUND', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      const memory = newId();
      const blind = await ann.phone.ack(
        change.update('Memory', memory, null, { tripId: trip, title: 'New' }),
      );
      expect(blind).toMatchObject({ status: 'applied', version: 1 });
      expect(
        (await ann.phone.nack(change.update('Memory', newId(), 1, { tripId: trip, title: 'x' }))).code,
      ).toBe('NOT_FOUND');
    });

    test('many changes of unknown roots in one submission each get their own answer', async () => {
      const ann = world().person();
      const unknown = Array.from({ length: 9 }, newId);
      const receipts = await ann.phone.send(
        ...unknown.map((id) => change.update('Trip', id, 1, { name: 'x' })),
      );
      for (const receipt of receipts)
        expect(nacked(receipt)).toMatchObject({ status: 'rejected', code: 'FORBIDDEN' });
    });

    test('looking at foreign ids shows what looking at unknown ones does: nothing', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const trip = await ann.newTrip();
      const memory = await ann.newMemory(trip, { tagIds: [await ann.newTag()] });
      const from = await ann.sees('Memory', memory);
      if (!from) throw new Error('The memory is gone');
      const { engine } = bea;
      expect(
        await engine.records(bea, [
          { type: 'travel.Trip', id: trip },
          { type: 'travel.Memory', id: memory },
        ]),
      ).toEqual([]);
      expect(await engine.children(bea, 'travel.Memory', [trip])).toEqual([]);
      const [tag] = from.fields.tagIds as string[];
      expect(await engine.linked(bea, [{ from, to: { type: 'travel.Tag', id: tag ?? '' } }])).toEqual([]);
      expect((await bea.phone.pull()).records).toEqual([]);
    });

    test('a viewer reads and does not write; an editor does not delete the trip', async () => {
      const [ann, bea, cem] = [world().person(), world().person(), world().person()];
      const trip = await ann.newTrip();
      const memory = await ann.newMemory(trip);
      await ann.share(trip, bea, 'VIEWER');
      await ann.share(trip, cem, 'EDITOR');
      for (const attempt of [
        change.memory(newId(), trip),
        change.update('Memory', memory, 1, { title: 'x' }),
        change.update('Trip', trip, 1, { name: 'x' }),
        change.remove('Memory', memory, 1),
      ])
        expect((await bea.phone.nack(attempt)).code).toBe('FORBIDDEN');
      expect((await cem.phone.nack(change.remove('Trip', trip, 1))).code).toBe('FORBIDDEN');
      await cem.phone.ack(change.update('Memory', memory, 1, { title: 'x' }));
    });

    test('a child of a CREATE that was refused fails with it, in the same submission', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const foreign = await ann.newTrip();
      const memory = newId();
      const [trip, ...below] = await bea.phone.send(
        change.trip(foreign, { name: 'Mine' }),
        change.memory(memory, foreign),
        change.media(newId(), memory),
      );
      expect(nacked(trip).code).toBe('FORBIDDEN');
      for (const receipt of below) expect(nacked(receipt).code).toBe('DEPENDENCY_FAILED');
    });

    test('VERSION_FROM_FUTURE: base > version, or another epoch', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      const future = await ann.phone.nack(change.update('Trip', trip, 9, { name: 'x' }));
      expect(future).toMatchObject({ status: 'rejected', code: 'VERSION_FROM_FUTURE' });
      expect(future.message).toContain('full sync');
      const { epoch } = world().store;
      const elsewhere = { ...change.update('Trip', trip, 1, { name: 'x' }), epoch: epoch + 1 };
      expect((await ann.phone.nack(elsewhere)).code).toBe('VERSION_FROM_FUTURE');
      await ann.phone.ack({ ...elsewhere, epoch });
    });
  });
}
