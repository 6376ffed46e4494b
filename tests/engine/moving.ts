/** UPDATE | live | the owning parent changes: a move. */
import { expect, test } from 'vitest';
import { change } from '../support/engine.ts';
import { at, describeOn, type MakeStore, newId, type Person, tripScope } from './world.ts';

export function registerMoveTests(name: string, makeStore: MakeStore): void {
  /** Two trips; a memory with a media item in the first. */
  async function twoTrips(ann: Person) {
    const [from, to] = [await ann.newTrip(), await ann.newTrip({ name: 'Normandy' })];
    const memory = await ann.newMemory(from);
    return { from, to, memory, media: await ann.newMedia(memory) };
  }

  describeOn(`moves on ${name}`, makeStore, (world) => {
    test('children move too; version + 1; the old scope keeps a tombstone flagged moved, that says no more', async () => {
      const ann = world().person();
      const { from, to, memory, media } = await twoTrips(ann);
      const receipt = await ann.phone.ack(
        change.update('Memory', memory, 1, { tripId: to, title: 'Moved' }, at(1)),
      );
      expect(receipt).toMatchObject({ status: 'applied', version: 2 });
      expect(await ann.sees('Memory', memory)).toMatchObject({
        scope: tripScope(to),
        version: 2,
        fields: { tripId: to, title: 'Moved' },
        formerScopes: [tripScope(from)],
      });
      expect(await ann.sees('MediaItem', media)).toMatchObject({ scope: tripScope(to), version: 2 });
      for (const [type, id] of [
        ['Memory', memory],
        ['MediaItem', media],
      ] as const)
        expect(await world().record(tripScope(from), type, id)).toMatchObject({
          version: 2,
          tombstone: { kind: 'moved' },
        });
      expect(
        JSON.stringify((await world().record(tripScope(from), 'Memory', memory))?.tombstone),
      ).not.toContain(to);
    });

    test('in the feed: gone for those who see the old scope alone, new for those who see the new one', async () => {
      const [ann, bea, cem] = [world().person(), world().person(), world().person()];
      const { from, to, memory, media } = await twoTrips(ann);
      await ann.share(from, bea, 'EDITOR');
      await ann.share(to, cem, 'EDITOR');
      const cursors = await Promise.all([ann, bea, cem].map(async (one) => (await one.phone.pull()).cursor));
      await ann.phone.ack(change.update('Memory', memory, 1, { tripId: to }, at(1)));
      const [mine, beas, cems] = await Promise.all(
        [ann, bea, cem].map(async (one, index) => (await one.phone.pull(cursors[index])).records),
      );
      const told = (records: typeof mine) =>
        (records ?? []).map(({ id, tombstone }) => [id, tombstone?.kind ?? 'live']).sort();
      expect(told(mine)).toEqual(
        [
          [memory, 'live'],
          [media, 'live'],
        ].sort(),
      );
      expect(told(beas)).toEqual(
        [
          [memory, 'moved'],
          [media, 'moved'],
        ].sort(),
      );
      expect(told(cems)).toEqual(
        [
          [memory, 'live'],
          [media, 'live'],
        ].sort(),
      );
    });

    test('needs EDITOR in both scopes', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const { from, to, memory } = await twoTrips(ann);
      const move = () => change.update('Memory', memory, 1, { tripId: to }, at(1));
      await ann.share(from, bea, 'EDITOR');
      await ann.share(to, bea, 'VIEWER');
      expect((await bea.phone.nack(move())).code).toBe('FORBIDDEN');
      await ann.share(from, bea, 'VIEWER');
      await ann.share(to, bea, 'EDITOR');
      expect((await bea.phone.nack(move())).code).toBe('FORBIDDEN');
      await ann.share(from, bea, 'EDITOR');
      expect(await bea.phone.ack(move())).toMatchObject({ status: 'applied' });
    });

    test.each(['unknown', 'gone', 'forbidden'] as const)(
      'a target that is %s: the move waits, the record stays',
      async (kind) => {
        const [ann, bea] = [world().person(), world().person()];
        const { memory, from } = await twoTrips(ann);
        const target =
          kind === 'forbidden' ? await bea.newTrip() : kind === 'gone' ? await ann.newTrip() : newId();
        if (kind === 'gone') await ann.phone.ack(change.remove('Trip', target, 1, at(1)));
        const receipt = await ann.phone.ack(
          change.update('Memory', memory, 1, { tripId: target, title: 'x' }, at(1)),
        );
        expect(receipt).toMatchObject({
          status: 'conflict',
          stands: false,
          conflict: {
            conflictType: 'DEPENDENCY_CONFLICT',
            status: 'pending',
            fields: ['tripId'],
            server: null,
          },
        });
        expect(await ann.sees('Memory', memory)).toMatchObject({ scope: tripScope(from), version: 1 });
        expect(await world().waiting(ann)).toHaveLength(1);
      },
    );

    test('a move that waited is made when its target comes; other changes of the record do not wait for that', async () => {
      const ann = world().person();
      const { memory } = await twoTrips(ann);
      const target = newId();
      await ann.phone.ack(change.update('Memory', memory, 1, { tripId: target }, at(1)));
      const meanwhile = await ann.phone.ack(
        change.update('Memory', memory, 1, { title: 'Meanwhile' }, at(2)),
      );
      expect(meanwhile).toMatchObject({ status: 'applied', version: 2 });
      await ann.tablet.ack(change.trip(target, {}, at(3)));
      await expect
        .poll(() => ann.sees('Memory', memory))
        .toMatchObject({ fields: { tripId: target, title: 'Meanwhile' } });
      await expect.poll(() => world().waiting(ann)).toEqual([]);
      expect((await ann.conflicts()).filter(({ status }) => status === 'pending')).toEqual([]);
    });

    test('a DELETE of the record cancels the move that waits', async () => {
      const ann = world().person();
      const { memory } = await twoTrips(ann);
      await ann.phone.ack(change.update('Memory', memory, 1, { tripId: newId() }, at(1)));
      expect(await ann.phone.ack(change.remove('Memory', memory, 1, at(2)))).toMatchObject({
        status: 'applied',
        version: 2,
      });
      expect(await world().waiting(ann)).toEqual([]);
      expect(await ann.conflicts()).toMatchObject([{ status: 'resolved', winner: 'server' }]);
      expect(await ann.sees('Memory', memory)).toBeNull();
    });

    test('an old parent in a whole row is no move, even if it is gone by now', async () => {
      const ann = world().person();
      const { from, to, memory } = await twoTrips(ann);
      const row = (await ann.sees('Memory', memory))?.fields ?? {};
      await ann.tablet.ack(change.update('Memory', memory, 1, { tripId: to }, at(1)));
      await ann.tablet.ack(change.remove('Trip', from, 1, at(2)));
      const receipt = await ann.phone.ack(
        change.update('Memory', memory, 1, { ...row, title: 'Mine' }, at(3)),
      );
      expect(receipt).toMatchObject({ status: 'merged', stands: true, conflict: null });
      expect(await ann.sees('Memory', memory)).toMatchObject({
        scope: tripScope(to),
        fields: { tripId: to, title: 'Mine' },
      });
    });

    test('edits based on a version before the move find their base values in the old scope', async () => {
      const ann = world().person();
      const { to, memory } = await twoTrips(ann);
      const row = (await ann.sees('Memory', memory))?.fields ?? {};
      await ann.tablet.ack(change.update('Memory', memory, 1, { title: 'Theirs' }, at(1)));
      await ann.tablet.ack(change.update('Memory', memory, 2, { tripId: to }, at(2)));
      const receipt = await ann.phone.ack(
        change.update('Memory', memory, 1, { ...row, text: 'Mine' }, at(3)),
      );
      expect(receipt).toMatchObject({ status: 'merged', conflict: null });
      expect(await ann.sees('Memory', memory)).toMatchObject({
        fields: { tripId: to, title: 'Theirs', text: 'Mine' },
      });
    });

    test('two moves at once: the later one by its time, and both scopes stay whole', async () => {
      const ann = world().person();
      const { memory, media } = await twoTrips(ann);
      const targets = [await ann.newTrip(), await ann.newTrip()] as const;
      const [first, second] = await Promise.all([
        ann.phone.ack(change.update('Memory', memory, 1, { tripId: targets[0] }, at(5))),
        ann.tablet.ack(change.update('Memory', memory, 1, { tripId: targets[1] }, at(6))),
      ]);
      expect([first.conflict, second.conflict].filter(Boolean)).toMatchObject([{ fields: ['tripId'] }]);
      expect(await ann.sees('Memory', memory)).toMatchObject({ scope: tripScope(targets[1]) });
      expect(await ann.sees('MediaItem', media)).toMatchObject({ scope: tripScope(targets[1]) });
    });

    test('there and back again: one live record, and its digest in one scope', async () => {
      const ann = world().person();
      const { from, to, memory, media } = await twoTrips(ann);
      const digestsOf = async () =>
        new Map(
          (await ann.engine.digests(ann)).map(({ scope, type, digest }) => [
            `${scope} ${type}`,
            digest.count,
          ]),
        );
      await ann.phone.ack(change.update('Memory', memory, 1, { tripId: to }, at(1)));
      await ann.phone.ack(change.update('Memory', memory, 2, { tripId: from }, at(2)));
      expect(await ann.sees('Memory', memory)).toMatchObject({ scope: tripScope(from), version: 3 });
      expect(await ann.sees('MediaItem', media)).toMatchObject({ scope: tripScope(from), version: 3 });
      const counts = await digestsOf();
      expect(counts.get(`${tripScope(from)} travel.Memory`)).toBe(1);
      expect(counts.get(`${tripScope(to)} travel.Memory`) ?? 0).toBe(0);
      expect(counts.get(`${tripScope(to)} travel.MediaItem`) ?? 0).toBe(0);
    });

    test('a media item changes its memory within one trip: no move, a plain edit', async () => {
      const ann = world().person();
      const { from, memory, media } = await twoTrips(ann);
      const other = await ann.newMemory(from);
      expect(
        await ann.phone.ack(change.update('MediaItem', media, 1, { memoryId: other }, at(1))),
      ).toMatchObject({
        status: 'applied',
        version: 2,
      });
      expect(await ann.sees('MediaItem', media)).toMatchObject({ scope: tripScope(from), formerScopes: [] });
      await ann.phone.ack(change.remove('Memory', memory, 1, at(2)));
      expect(await ann.sees('MediaItem', media)).not.toBeNull();
    });

    test('a parent can be made in the submission that moves there', async () => {
      const ann = world().person();
      const { memory } = await twoTrips(ann);
      const made = newId();
      const receipts = await ann.phone.send(
        change.update('Memory', memory, 1, { tripId: made }, at(1)),
        change.trip(made, {}, at(1)),
      );
      expect(receipts.map(({ status }) => status)).toEqual(['applied', 'applied']);
      expect(await ann.sees('Memory', memory)).toMatchObject({ scope: tripScope(made) });
    });
  });
}
