/** Cascades of more records than one commit may touch. Not for the memory store, which looks at every record anew. */
import { LIMITS } from '@ackord/core';
import { expect, test } from 'vitest';
import { change } from '../support/engine.ts';
import { at, describeOn, type MakeStore, newId, tripScope } from './world.ts';

export function registerLargeCascadeTests(name: string, makeStore: MakeStore): void {
  describeOn(`large cascades on ${name}`, makeStore, (world) => {
    test('a cascade larger than a commit may touch: refused, or, of a scope’s root, one event that closes the scope', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const trip = await ann.newTrip();
      const memory = await ann.newMemory(trip);
      await ann.share(trip, bea, 'EDITOR');
      const media = Array.from({ length: LIMITS.cascadeRecordsMax + 1 }, newId);
      for (let from = 0; from < media.length; from += LIMITS.changesPerSubmissionMax)
        await ann.phone.send(
          ...media
            .slice(from, from + LIMITS.changesPerSubmissionMax)
            .map((id) => change.media(id, memory, { objectName: 'x' }, at(1))),
        );
      const [first = ''] = media;
      const other = await ann.newTrip();
      const { cursor } = await bea.phone.pull();
      for (const tooMuch of [
        change.remove('Memory', memory, 1, at(2)),
        change.update('Memory', memory, 1, { tripId: other }, at(2)),
      ])
        expect(await ann.phone.nack(tooMuch)).toMatchObject({
          status: 'rejected',
          code: 'CASCADE_TOO_LARGE',
        });
      expect(await ann.sees('Memory', memory)).toMatchObject({ version: 1 });

      const head = await world().head(tripScope(trip));
      expect(await ann.phone.ack(change.remove('Trip', trip, 1, at(3)))).toMatchObject({ status: 'applied' });
      expect(await world().head(tripScope(trip))).toBeLessThan(head + 5);
      expect((await bea.phone.pull(cursor)).roles.has(tripScope(trip))).toBe(false);
      for (const [type, id] of [
        ['Memory', memory],
        ['MediaItem', first],
      ] as const)
        expect(await bea.sees(type, id)).toBeNull();
      expect(await bea.engine.children(bea, 'travel.MediaItem', [memory])).toEqual([]);
      const all = { actor: bea, owner: null, contains: null, after: null, limit: 10 };
      for (const type of ['travel.Memory', 'travel.MediaItem'])
        expect(await bea.engine.list({ ...all, type })).toEqual({ ok: true, records: [] });
      expect((await ann.phone.ack(change.memory(newId(), trip, {}, at(4)))).conflict?.conflictType).toBe(
        'DEPENDENCY_CONFLICT',
      );
      expect((await ann.phone.ack(change.media(newId(), memory, {}, at(4)))).conflict?.conflictType).toBe(
        'DEPENDENCY_CONFLICT',
      );

      const late = await bea.tablet.ack(change.update('MediaItem', first, 1, { order: 7 }, at(9)));
      expect(late).toMatchObject({
        status: 'conflict',
        stands: false,
        conflict: { conflictType: 'DELETION_CONFLICT', winner: 'server', client: { order: 7 } },
        record: { tombstone: { kind: 'deleted' } },
      });
      expect(await ann.phone.ack(change.remove('MediaItem', first, 1, at(9)))).toMatchObject({
        status: 'applied',
      });
      const id = late.conflict?.id ?? '';
      expect(await bea.resolve(id, 'MANUAL_RESOLUTION', { order: 7 })).toMatchObject({ code: 'FORBIDDEN' });
      expect(await ann.resolve(id, 'MANUAL_RESOLUTION', { order: 7 })).toMatchObject({ ok: true });
      expect(await bea.sees('MediaItem', first)).toMatchObject({ fields: { order: 7 } });
      expect(await bea.sees('MediaItem', media.at(-1) ?? '')).toMatchObject({ version: 1 });
      expect(await bea.sees('Trip', trip)).toMatchObject({ version: 3 });
      expect((await bea.phone.pull()).roles.get(tripScope(trip))).toBe('EDITOR');
    });
  });
}
