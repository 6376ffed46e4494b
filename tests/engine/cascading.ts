/** Deleting with all that hangs on it, and bringing it back. */
import type { ConflictStrategy } from '@ackord/core';
import { expect, test } from 'vitest';
import { change } from '../support/engine.ts';
import { at, describeOn, type MakeStore, newId, type Person, tripScope, type World } from './world.ts';

interface Family {
  readonly trip: string;
  readonly scope: string;
  readonly memory: string;
  readonly media: readonly [string, string];
  readonly track: string;
}

export function registerCascadeTests(name: string, makeStore: MakeStore): void {
  /** A trip of a person with a memory, two media items on it and a track. */
  async function family(ann: Person): Promise<Family> {
    const trip = await ann.newTrip();
    const memory = await ann.newMemory(trip);
    const media = [await ann.newMedia(memory), await ann.newMedia(memory)] as const;
    const track = newId();
    await ann.phone.ack({
      entityType: 'GPXTrack',
      operation: 'CREATE',
      id: track,
      base: 0,
      fields: { tripId: trip, name: 'Way' },
      clientTime: at(0),
    });
    return { trip, scope: tripScope(trip), memory, media, track };
  }

  const isDead = async (world: World, { scope }: Family, type: string, id: string): Promise<boolean> =>
    (await world.record(scope, type, id))?.tombstone?.kind === 'deleted';

  describeOn(`cascades on ${name}`, makeStore, (world) => {
    test('DELETE | live | base = version: tombstone and cascade, under one id, a log line per child', async () => {
      const ann = world().person();
      const its = await family(ann);
      const before = await world().head(its.scope);
      expect(await ann.phone.ack(change.remove('Memory', its.memory, 1, at(1)))).toMatchObject({
        status: 'applied',
        version: 2,
        conflict: null,
      });
      const graves = [
        await world().record(its.scope, 'Memory', its.memory),
        ...(await Promise.all(its.media.map((id) => world().record(its.scope, 'MediaItem', id)))),
      ].map((record) => (record?.tombstone?.kind === 'deleted' ? record.tombstone : null));
      expect(new Set(graves.map((grave) => grave?.deletion)).size).toBe(1);
      for (const grave of graves) expect(grave?.root).toEqual({ type: 'travel.Memory', id: its.memory });
      expect(await world().head(its.scope)).toBe(before + 3);
      expect(await ann.sees('GPXTrack', its.track)).toMatchObject({ version: 1 });
    });

    test('the tombstones of children come before their parent’s in the feed', async () => {
      const ann = world().person();
      const its = await family(ann);
      const { cursor } = await ann.tablet.pull();
      await ann.phone.ack(change.remove('Memory', its.memory, 1, at(1)));
      const { records } = await ann.tablet.pull(cursor);
      expect(records.map(({ type }) => type)).toEqual([
        'travel.MediaItem',
        'travel.MediaItem',
        'travel.Memory',
      ]);
    });

    test('DELETE | tombstone: success, and nothing moves', async () => {
      const ann = world().person();
      const its = await family(ann);
      await ann.phone.ack(change.remove('Memory', its.memory, 1, at(1)));
      const head = await world().head(its.scope);
      for (const base of [1, 2, null])
        expect(await ann.tablet.ack(change.remove('Memory', its.memory, base, at(2)))).toMatchObject({
          status: 'applied',
        });
      expect(await world().head(its.scope)).toBe(head);
    });

    test.each([
      ['LAST_WRITE_WINS', 9, 'client'],
      ['LAST_WRITE_WINS', 4, 'server'],
      ['FIRST_WRITE_WINS', 9, 'server'],
      ['MANUAL_RESOLUTION', 9, null],
      ['KEEP_BOTH', 9, null],
    ] as const)(
      'DELETE | live | otherwise: DELETION_CONFLICT, %s, at %i against 5',
      async (strategy, second, winner) => {
        const ann = world().person(world().engineFor(strategy));
        const its = await family(ann);
        await ann.tablet.ack(change.update('Memory', its.memory, 1, { title: 'Theirs' }, at(5)));
        const { cursor } = await ann.phone.pull();
        const receipt = await ann.phone.ack(change.remove('Memory', its.memory, 1, at(second)));
        expect(receipt).toMatchObject({
          status: 'conflict',
          conflict: {
            conflictType: 'DELETION_CONFLICT',
            winner,
            clientDeletes: true,
            server: { title: 'Theirs' },
          },
        });
        expect(await isDead(world(), its, 'Memory', its.memory)).toBe(winner === 'client');
        // A delete that loses re-feeds the record and all that its cascade would have taken.
        const fed = (await ann.phone.pull(cursor)).records.map(({ id }) => id).sort();
        expect(fed).toEqual([its.memory, ...its.media].sort());
      },
    );

    test('a child that another device added is named in one DELETION_CONFLICT', async () => {
      const ann = world().person();
      const its = await family(ann);
      const { cursor } = await ann.phone.pull();
      const added = newId();
      await ann.tablet.ack(change.media(added, its.memory, {}, at(5)));
      const facts = { cursor };
      const lost = await ann.phone.ack(change.remove('Memory', its.memory, 1, at(4)), facts);
      expect(lost.conflict).toMatchObject({
        fields: [`MediaItem:${added}`],
        winner: 'server',
        serverTime: at(5),
      });
      expect(await ann.sees('Memory', its.memory)).not.toBeNull();
      const won = await ann.phone.ack(change.remove('Memory', its.memory, 1, at(6)), facts);
      expect(won.conflict).toMatchObject({ fields: [`MediaItem:${added}`], winner: 'client' });
      expect(await isDead(world(), its, 'MediaItem', added)).toBe(true);
    });

    test('children that the deleter’s cursor has passed are no conflict', async () => {
      const ann = world().person();
      const its = await family(ann);
      await ann.tablet.ack(change.media(newId(), its.memory, {}, at(5)));
      await ann.tablet.ack(change.update('MediaItem', its.media[0], 1, { order: 4 }, at(5)));
      const { cursor } = await ann.phone.pull();
      expect(await ann.phone.ack(change.remove('Memory', its.memory, 1, at(6)), { cursor })).toMatchObject({
        status: 'applied',
        conflict: null,
      });
    });

    test('a cursor that has read nothing of the scope is believed, whatever the device has read since', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const its = await family(ann);
      const { cursor } = await bea.phone.pull();
      await ann.share(its.trip, bea, 'EDITOR');
      await bea.phone.pull();
      const receipt = await bea.phone.ack(change.remove('Memory', its.memory, 1, at(6)), { cursor });
      expect([...(receipt.conflict?.fields ?? [])].sort()).toEqual(
        its.media.map((id) => `MediaItem:${id}`).sort(),
      );
    });

    test('nor those that the last page of the device had, where it sends no cursor', async () => {
      const ann = world().person();
      const its = await family(ann);
      await ann.tablet.ack(change.media(newId(), its.memory, {}, at(5)));
      await ann.phone.pull();
      const passed = await ann.phone.ack(change.remove('Memory', its.memory, 1, at(6)));
      expect(passed.conflict).toBeNull();
    });

    test('who decided a conflict on a child has seen what that was about, and nothing else of the child', async () => {
      const ann = world().person();
      const its = await family(ann);
      const { cursor } = await ann.phone.pull();
      await ann.tablet.ack(change.update('Memory', its.memory, 1, { title: 'One' }, at(5)));
      const { conflict } = await ann.nameless.ack(
        change.update('Memory', its.memory, 1, { title: 'Two' }, at(6)),
      );
      await ann.tablet.ack(change.update('Memory', its.memory, 3, { text: 'Unseen' }, at(7)));
      const decided = await ann.resolve(conflict?.id ?? '', 'MANUAL_RESOLUTION', { title: 'Three' });
      expect(decided).toMatchObject({ ok: true, resolution: { version: 5 } });
      const receipt = await ann.phone.ack(change.remove('Trip', its.trip, 1, at(8)), { cursor });
      expect(receipt.conflict).toMatchObject({ fields: [`Memory:${its.memory}`] });
    });

    test('without a cursor and a page: else the seq of the base version', async () => {
      const ann = world().person();
      const its = await family(ann);
      const edited = await ann.tablet.ack(change.update('MediaItem', its.media[0], 1, { order: 4 }, at(5)));
      expect(edited.version).toBe(2);
      // The phone made the others itself; what the tablet changed is newer than the memory.
      const first = await ann.phone.ack(change.remove('Memory', its.memory, 1, at(4)));
      expect(first.conflict).toMatchObject({ fields: [`MediaItem:${its.media[0]}`], winner: 'server' });
      // It was fed again, which makes no version newer, so the base says no more than before.
      const second = await ann.phone.ack(change.remove('Memory', its.memory, 1, at(3)));
      expect(second.conflict).toMatchObject({ fields: [`MediaItem:${its.media[0]}`], winner: 'server' });
    });

    test('a blind deletion that says nothing of what it had seen meets all that others made', async () => {
      const ann = world().person();
      const its = await family(ann);
      await ann.tablet.ack(change.update('MediaItem', its.media[0], 1, { order: 4 }, at(5)));
      const receipt = await ann.phone.ack(change.remove('Memory', its.memory, null, at(6)));
      expect(receipt.conflict).toMatchObject({ fields: [`MediaItem:${its.media[0]}`], winner: 'client' });
    });

    test('children of the same submission are the deleter’s own', async () => {
      const ann = world().person();
      const its = await family(ann);
      const receipts = await ann.nameless.send(
        change.media(newId(), its.memory, {}, at(5)),
        change.update('Memory', its.memory, 1, { title: 'x' }, at(5)),
        change.remove('Memory', its.memory, 1, at(6)),
      );
      expect(receipts[2]).toMatchObject({ conflict: { fields: its.media.map((id) => `MediaItem:${id}`) } });
    });

    test('a client that names no device: its person’s nameless changes are its own, those of a named device are not', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const its = await family(ann);
      await ann.share(its.trip, bea, 'EDITOR');
      const nameless = await ann.newMemory(its.trip);
      const [own, theirs] = [newId(), newId()];
      await ann.nameless.ack(change.media(own, nameless, {}, at(5)));
      expect((await ann.nameless.ack(change.remove('Memory', nameless, 1, at(6)))).conflict).toBeNull();
      await bea.nameless.ack(change.media(theirs, its.memory, {}, at(5)));
      const receipt = await ann.nameless.ack(change.remove('Memory', its.memory, null, at(6)));
      expect([...(receipt.conflict?.fields ?? [])].sort()).toEqual(
        [...its.media, theirs].map((id) => `MediaItem:${id}`).sort(),
      );
    });

    test('CREATE / UPDATE | tombstone | made by a cascade: root and all under its id revive', async () => {
      const ann = world().person();
      const its = await family(ann);
      await ann.phone.ack(change.remove('Memory', its.memory, 1, at(5)));
      const { cursor } = await ann.phone.pull();
      const receipt = await ann.tablet.ack(change.update('MediaItem', its.media[1], 1, { order: 9 }, at(6)));
      expect(receipt).toMatchObject({
        status: 'conflict',
        version: 3,
        conflict: { conflictType: 'DELETION_CONFLICT', winner: 'client' },
      });
      for (const [type, id] of [
        ['Memory', its.memory],
        ['MediaItem', its.media[0]],
        ['MediaItem', its.media[1]],
      ] as const)
        expect(await ann.sees(type, id)).toMatchObject({ version: 3, tombstone: null });
      expect(await ann.sees('MediaItem', its.media[1])).toMatchObject({ fields: { order: 9 } });
      const { records } = await ann.phone.pull(cursor);
      expect(records[0]).toMatchObject({ type: 'travel.Memory' });
      expect(records).toHaveLength(3);
    });

    test('an edit of the root of the deletion brings its kin back too, and no others', async () => {
      const ann = world().person();
      const its = await family(ann);
      await ann.phone.ack(change.remove('MediaItem', its.media[0], 1, at(4)));
      await ann.phone.ack(change.remove('Memory', its.memory, 1, at(5)));
      await ann.tablet.ack(change.update('Memory', its.memory, 1, { title: 'Back' }, at(6)));
      expect(await ann.sees('Memory', its.memory)).toMatchObject({ fields: { title: 'Back' } });
      expect(await ann.sees('MediaItem', its.media[1])).not.toBeNull();
      expect(await ann.sees('MediaItem', its.media[0])).toBeNull();
    });

    test('a child that was deleted by itself does not come back without its parent', async () => {
      const ann = world().person();
      const its = await family(ann);
      await ann.phone.ack(change.remove('MediaItem', its.media[0], 1, at(4)));
      await ann.phone.ack(change.remove('Memory', its.memory, 1, at(5)));
      const late = await ann.tablet.ack(change.update('MediaItem', its.media[0], 1, { order: 9 }, at(6)));
      expect(late).toMatchObject({ stands: false, conflict: { winner: 'server', client: { order: 9 } } });
      const id = late.conflict?.id ?? '';
      const first = await ann.resolve(id, 'MANUAL_RESOLUTION', { order: 9 });
      expect(first).toMatchObject({ ok: false, code: 'STRATEGY_IMPOSSIBLE' });
      await ann.tablet.ack(change.update('Memory', its.memory, 1, { title: 'Back' }, at(7)));
      expect(await ann.sees('MediaItem', its.media[0])).toBeNull();
      expect(await ann.resolve(id, 'MANUAL_RESOLUTION', { order: 9 })).toMatchObject({ ok: true });
      expect(await ann.sees('MediaItem', its.media[0])).toMatchObject({ fields: { order: 9 } });
    });

    test('a record comes back where it was, and the parent that it was sent to is kept in the journal', async () => {
      const ann = world().person();
      const its = await family(ann);
      const other = await ann.newTrip();
      await ann.phone.ack(change.remove('Memory', its.memory, 1, at(5)));
      const receipt = await ann.tablet.ack(
        change.update('Memory', its.memory, 1, { tripId: other, title: 'Back' }, at(6)),
      );
      expect(receipt).toMatchObject({
        status: 'conflict',
        stands: false,
        conflict: { conflictType: 'DELETION_CONFLICT', winner: 'mixed', client: { tripId: other } },
      });
      expect(await ann.sees('Memory', its.memory)).toMatchObject({
        scope: its.scope,
        fields: { tripId: its.trip, title: 'Back' },
      });
      for (const id of its.media) expect(await ann.sees('MediaItem', id)).toMatchObject({ scope: its.scope });
    });

    test('a record in a scope whose root is deleted stays dead, and its values are kept', async () => {
      const ann = world().person();
      const its = await family(ann);
      await ann.phone.ack(change.remove('Trip', its.trip, 1, at(5)));
      for (const type of ['Trip', 'Memory'] as const) {
        const id = type === 'Trip' ? its.trip : its.memory;
        const late = await ann.tablet.ack(
          change.update(type, id, 1, type === 'Trip' ? { name: 'Late' } : { title: 'Late' }, at(9)),
        );
        expect(late).toMatchObject({
          stands: false,
          conflict: { conflictType: 'DELETION_CONFLICT', winner: 'server' },
        });
      }
      expect(await ann.sees('Trip', its.trip)).toBeNull();
      expect((await ann.conflicts()).map(({ client }) => client)).toEqual(
        expect.arrayContaining([{ name: 'Late' }, { title: 'Late' }]),
      );
    });

    test('an OWNER may restore the root by deciding such a conflict; an EDITOR may not', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const its = await family(ann);
      await ann.share(its.trip, bea, 'EDITOR');
      await ann.phone.ack(change.remove('Trip', its.trip, 1, at(5)));
      const late = await bea.tablet.ack(change.update('Memory', its.memory, 1, { title: 'Late' }, at(9)));
      const id = late.conflict?.id ?? '';
      expect(await bea.resolve(id, 'MANUAL_RESOLUTION', { title: 'Late' })).toMatchObject({
        code: 'FORBIDDEN',
      });
      expect(await bea.sees('Memory', its.memory)).toBeNull();
      expect(await ann.resolve(id, 'MANUAL_RESOLUTION', { title: 'Late' })).toMatchObject({ ok: true });
      expect(await bea.sees('Memory', its.memory)).toMatchObject({ fields: { title: 'Late' } });
      expect(await ann.sees('Trip', its.trip)).toMatchObject({ version: 3 });
      expect(await ann.sees('GPXTrack', its.track)).toMatchObject({ version: 3 });
    });

    test('older than the horizon: the deletion stands, and no person brings it back', async () => {
      const ann = world().person();
      const its = await family(ann);
      await ann.phone.ack(change.remove('Memory', its.memory, 1, at(5)));
      // Everything that was deleted before tomorrow is beyond it.
      const late = ann.on(world().engineWith({ tombstoneRetentionDays: -1 }));
      const receipt = await late.tablet.ack(change.update('Memory', its.memory, 1, { title: 'Late' }, at(9)));
      expect(receipt).toMatchObject({
        stands: false,
        conflict: { winner: 'server', client: { title: 'Late' } },
      });
      const answer = await late.resolve(receipt.conflict?.id ?? '', 'MANUAL_RESOLUTION', { title: 'Late' });
      expect(answer).toMatchObject({ ok: false, code: 'STRATEGY_IMPOSSIBLE' });
      expect(await ann.sees('Memory', its.memory)).toBeNull();
      expect(await late.conflicts()).toHaveLength(1);
    });

    test.each<ConflictStrategy>(['FIRST_WRITE_WINS', 'MANUAL_RESOLUTION'])(
      'CREATE / UPDATE | tombstone | younger than the horizon, %s: the deletion stands for now',
      async (strategy) => {
        const ann = world().person(world().engineFor(strategy));
        const its = await family(ann);
        await ann.phone.ack(change.remove('Memory', its.memory, 1, at(5)));
        const { cursor } = await ann.tablet.pull();
        const late = await ann.tablet.ack(change.update('Memory', its.memory, 1, { title: 'Late' }, at(9)));
        expect(late).toMatchObject({ stands: false, record: { tombstone: { kind: 'deleted' } } });
        expect(late.conflict?.status).toBe(strategy === 'MANUAL_RESOLUTION' ? 'pending' : 'resolved');
        expect((await ann.tablet.pull(cursor)).records).toMatchObject([
          { id: its.memory, tombstone: { kind: 'deleted' } },
        ]);
      },
    );

    test('a whole old row without any edit brings nothing back', async () => {
      const ann = world().person();
      const its = await family(ann);
      const row = (await ann.sees('Memory', its.memory))?.fields ?? {};
      await ann.phone.ack(change.remove('Memory', its.memory, 1, at(5)));
      const stale = await ann.tablet.ack(change.update('Memory', its.memory, 1, row, at(9)));
      expect(stale).toMatchObject({ stands: false, conflict: null });
      expect(await ann.sees('Memory', its.memory)).toBeNull();
    });

    test('links do not cascade: a tag’s deletion leaves the memory and its list alone', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      const tag = await ann.newTag();
      const memory = await ann.newMemory(trip, { tagIds: [tag] });
      await ann.phone.ack(change.remove('Tag', tag, 1, at(5)));
      expect(await ann.sees('Memory', memory)).toMatchObject({ version: 1, fields: { tagIds: [tag] } });
    });

    test('a deletion in the same submission as the parent’s creation, in any order', async () => {
      const ann = world().person();
      const [trip, memory, media] = [newId(), newId(), newId()];
      const receipts = await ann.phone.send(
        change.remove('Trip', trip, 1, at(3)),
        change.media(media, memory, {}, at(2)),
        change.memory(memory, trip, {}, at(2)),
      );
      expect(receipts.map(({ status }) => status)).toEqual(['rejected', 'conflict', 'conflict']);
      const second = await ann.phone.send(
        change.trip(trip, {}, at(1)),
        change.remove('Memory', memory, 1, at(4)),
        change.media(newId(), memory, {}, at(2)),
      );
      expect(second.map(({ status }) => status)).toEqual(['applied', 'applied', 'conflict']);
    });
  });
}
