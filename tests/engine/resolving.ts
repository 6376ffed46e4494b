/** resolveConflict: every strategy on every type of conflict, undo, and what may not be decided. */
import { describe, expect, test } from 'vitest';
import { change } from '../support/engine.ts';
import { titleConflictOf } from './title-conflict.ts';
import { at, describeOn, type MakeStore, newId, type Person, tripScope } from './world.ts';

export function registerResolvingTests(name: string, makeStore: MakeStore): void {
  describeOn(`resolving on ${name}`, makeStore, (world) => {
    const titleConflict = (ann?: Person) => titleConflictOf(world(), ann);

    test.each([
      ['LAST_WRITE_WINS', null, 'Mine', 'client'],
      ['FIRST_WRITE_WINS', null, 'Theirs', 'server'],
      ['MANUAL_RESOLUTION', { title: 'Ours' }, 'Ours', 'mixed'],
    ] as const)('VERSION_MISMATCH with %s', async (strategy, data, title, winner) => {
      const { ann, trip, memory, id } = await titleConflict();
      expect(await ann.conflicts()).toMatchObject([{ id, status: 'pending', winner: null }]);
      const before = await ann.sees('Memory', memory);
      const answer = await ann.resolve(id, strategy, data);
      expect(answer).toMatchObject({
        ok: true,
        resolution: { conflictId: id, strategy, resolvedBy: ann.userId, newEntityId: null },
      });
      const after = await ann.sees('Memory', memory);
      expect(after).toMatchObject({ fields: { title, text: 'kept' } });
      expect(after?.version).toBe((before?.version ?? 0) + (title === 'Theirs' ? 0 : 1));
      expect(await world().conflict(tripScope(trip), id)).toMatchObject({ status: 'resolved', winner });
    });

    test('VERSION_MISMATCH with KEEP_BOTH: the client’s version becomes a second record', async () => {
      const { ann, memory, id } = await titleConflict();
      const answer = await ann.resolve(id, 'KEEP_BOTH');
      if (!answer.ok) throw new Error(answer.message);
      const second = answer.resolution.newEntityId ?? '';
      expect(await ann.sees('Memory', second)).toMatchObject({
        version: 1,
        fields: { title: 'Mine', text: 'kept' },
      });
      expect(await ann.sees('Memory', memory)).toMatchObject({ version: 2, fields: { title: 'Theirs' } });
    });

    test.each(['LAST_WRITE_WINS', 'FIRST_WRITE_WINS'] as const)(
      'a group of several fields goes one way as a whole: %s',
      async (strategy) => {
        const ann = world().person(world().engineFor('MANUAL_RESOLUTION'));
        const memory = await ann.newMemory(await ann.newTrip(), {
          latitude: 1,
          longitude: 2,
          locationName: 'Home',
        });
        await ann.tablet.ack(change.update('Memory', memory, 1, { latitude: 3, longitude: 4 }, at(5)));
        const { conflict } = await ann.phone.ack(
          change.update('Memory', memory, 1, { locationName: 'Mine' }, at(6)),
        );
        await ann.resolve(conflict?.id ?? '', strategy);
        expect(await ann.sees('Memory', memory)).toMatchObject({
          fields:
            strategy === 'LAST_WRITE_WINS'
              ? { latitude: 1, longitude: 2, locationName: 'Mine' }
              : { latitude: 3, longitude: 4, locationName: 'Home' },
        });
      },
    );

    test('the other fields of the client’s row are not decided again', async () => {
      const ann = world().person(world().engineFor('MANUAL_RESOLUTION'));
      const memory = await ann.newMemory(await ann.newTrip());
      const row = (await ann.sees('Memory', memory))?.fields ?? {};
      await ann.tablet.ack(change.update('Memory', memory, 1, { title: 'Theirs', text: 'Theirs' }, at(5)));
      const { conflict } = await ann.phone.ack(
        change.update('Memory', memory, 1, { ...row, title: 'Mine' }, at(6)),
      );
      expect(conflict?.fields).toEqual(['title']);
      await ann.resolve(conflict?.id ?? '', 'LAST_WRITE_WINS');
      expect(await ann.sees('Memory', memory)).toMatchObject({ fields: { title: 'Mine', text: 'Theirs' } });
    });

    describe('undo of what was decided by itself', () => {
      test('undo of an edit that won by itself: the server’s former value comes back', async () => {
        const { ann, trip, memory, id } = await titleConflict(world().person());
        expect(await ann.sees('Memory', memory)).toMatchObject({ fields: { title: 'Mine' } });
        expect(await world().conflict(tripScope(trip), id)).toMatchObject({
          status: 'resolved',
          winner: 'client',
        });
        expect(await ann.resolve(id, 'FIRST_WRITE_WINS')).toMatchObject({ ok: true });
        expect(await ann.sees('Memory', memory)).toMatchObject({ version: 4, fields: { title: 'Theirs' } });
      });

      test('undo of a group that won by itself brings back the whole group', async () => {
        const ann = world().person();
        const memory = await ann.newMemory(await ann.newTrip(), { latitude: 1, longitude: 2 });
        await ann.tablet.ack(change.update('Memory', memory, 1, { latitude: 3, longitude: 4 }, at(5)));
        const { conflict } = await ann.phone.ack(change.update('Memory', memory, 1, { latitude: 9 }, at(6)));
        expect(await ann.sees('Memory', memory)).toMatchObject({ fields: { latitude: 9, longitude: 2 } });
        await ann.resolve(conflict?.id ?? '', 'FIRST_WRITE_WINS');
        expect(await ann.sees('Memory', memory)).toMatchObject({ fields: { latitude: 3, longitude: 4 } });
      });

      test('undo of an edit that lost by itself: brought back with one call', async () => {
        const ann = world().person();
        const memory = await ann.newMemory(await ann.newTrip());
        await ann.tablet.ack(change.update('Memory', memory, 1, { title: 'Theirs' }, at(9)));
        const { conflict } = await ann.phone.ack(
          change.update('Memory', memory, 1, { title: 'Mine' }, at(6)),
        );
        expect(await ann.conflicts()).toMatchObject([{ id: conflict?.id, winner: 'server' }]);
        expect(await ann.resolve(conflict?.id ?? '', 'MANUAL_RESOLUTION', { title: 'Mine' })).toMatchObject({
          ok: true,
        });
        expect(await ann.sees('Memory', memory)).toMatchObject({ fields: { title: 'Mine' } });
      });

      test('undo of a win with KEEP_BOTH: the server’s former values become a second record', async () => {
        const { ann, memory, id } = await titleConflict(world().person());
        const answer = await ann.resolve(id, 'KEEP_BOTH');
        if (!answer.ok) throw new Error(answer.message);
        expect(await ann.sees('Memory', answer.resolution.newEntityId ?? '')).toMatchObject({
          fields: { title: 'Theirs' },
        });
        expect(await ann.sees('Memory', memory)).toMatchObject({ fields: { title: 'Mine' } });
      });

      test('undo of a deletion that won by itself: the record is back, with its kin', async () => {
        const ann = world().person();
        const memory = await ann.newMemory(await ann.newTrip());
        const media = await ann.newMedia(memory);
        await ann.tablet.ack(change.update('Memory', memory, 1, { title: 'Theirs' }, at(5)));
        const { conflict } = await ann.phone.ack(change.remove('Memory', memory, 1, at(6)));
        expect(await ann.sees('Memory', memory)).toBeNull();
        expect(await ann.resolve(conflict?.id ?? '', 'FIRST_WRITE_WINS')).toMatchObject({ ok: true });
        expect(await ann.sees('Memory', memory)).toMatchObject({ fields: { title: 'Theirs' } });
        expect(await ann.sees('MediaItem', media)).not.toBeNull();
      });

      test('undo of a revival that won by itself: the deletion stands again', async () => {
        const ann = world().person();
        const memory = await ann.newMemory(await ann.newTrip());
        const media = await ann.newMedia(memory);
        await ann.phone.ack(change.remove('Memory', memory, 1, at(5)));
        const { conflict } = await ann.tablet.ack(
          change.update('Memory', memory, 1, { title: 'Back' }, at(6)),
        );
        expect(await ann.sees('Memory', memory)).not.toBeNull();
        expect(await ann.resolve(conflict?.id ?? '', 'FIRST_WRITE_WINS')).toMatchObject({ ok: true });
        expect(await ann.sees('Memory', memory)).toBeNull();
        expect(await ann.sees('MediaItem', media)).toBeNull();
      });
    });

    test.each([
      ['LAST_WRITE_WINS', null, 'deleted'],
      ['FIRST_WRITE_WINS', null, 'alive'],
      ['MANUAL_RESOLUTION', { title: 'Ours' }, 'alive'],
      ['KEEP_BOTH', null, 'impossible'],
    ] as const)('DELETION_CONFLICT of a deletion, with %s', async (strategy, data, outcome) => {
      const ann = world().person(world().engineFor('MANUAL_RESOLUTION'));
      const memory = await ann.newMemory(await ann.newTrip());
      const media = newId();
      await ann.tablet.ack(change.update('Memory', memory, 1, { title: 'Theirs' }, at(5)));
      await ann.tablet.ack(change.media(media, memory, {}, at(5)));
      const { conflict } = await ann.phone.ack(change.remove('Memory', memory, 1, at(6)));
      expect(conflict).toMatchObject({ status: 'pending', fields: [`MediaItem:${media}`] });
      const answer = await ann.resolve(conflict?.id ?? '', strategy, data);
      expect(answer.ok ? 'ok' : answer.code).toBe(outcome === 'impossible' ? 'STRATEGY_IMPOSSIBLE' : 'ok');
      const seen = await ann.sees('Memory', memory);
      if (outcome === 'deleted') {
        expect(seen).toBeNull();
        expect(await ann.sees('MediaItem', media)).toBeNull();
      } else expect(seen).toMatchObject({ fields: { title: data?.title ?? 'Theirs' } });
    });

    test.each([
      ['LAST_WRITE_WINS', null, 'Mine'],
      ['FIRST_WRITE_WINS', null, null],
      ['MANUAL_RESOLUTION', { title: 'Ours' }, 'Ours'],
      ['KEEP_BOTH', null, null],
    ] as const)('DELETION_CONFLICT of an edit, with %s', async (strategy, data, title) => {
      const ann = world().person(world().engineFor('MANUAL_RESOLUTION'));
      const memory = await ann.newMemory(await ann.newTrip(), { text: 'old' });
      const row = (await ann.sees('Memory', memory))?.fields ?? {};
      await ann.tablet.ack(change.update('Memory', memory, 1, { text: 'new' }, at(4)));
      await ann.tablet.ack(change.remove('Memory', memory, 2, at(5)));
      const { conflict } = await ann.phone.ack(
        change.update('Memory', memory, 1, { ...row, title: 'Mine' }, at(6)),
      );
      expect(conflict).toMatchObject({ status: 'pending', fields: ['title'] });
      const answer = await ann.resolve(conflict?.id ?? '', strategy, data);
      expect(answer.ok ? 'ok' : answer.code).toBe(strategy === 'KEEP_BOTH' ? 'STRATEGY_IMPOSSIBLE' : 'ok');
      const seen = await ann.sees('Memory', memory);
      if (title === null) expect(seen).toBeNull();
      else expect(seen).toMatchObject({ fields: { title, text: 'new' } });
    });

    test('CONCURRENT_MODIFICATION resolves as any other', async () => {
      const ann = world().person(world().engineFor('MANUAL_RESOLUTION'));
      const { memory, conflict } = await ann.race();
      expect(await ann.resolve(conflict.id, 'MANUAL_RESOLUTION', { title: 'Ours' })).toMatchObject({
        ok: true,
      });
      expect(await ann.sees('Memory', memory)).toMatchObject({ fields: { title: 'Ours' } });
    });

    test('resolving twice answers with the stored resolution', async () => {
      const { ann, memory, id } = await titleConflict();
      const first = await ann.resolve(id, 'LAST_WRITE_WINS');
      expect(await ann.resolve(id, 'FIRST_WRITE_WINS')).toEqual(first);
      expect(await ann.sees('Memory', memory)).toMatchObject({ version: 3, fields: { title: 'Mine' } });
      const both = await titleConflict();
      const answers = await Promise.all([
        both.ann.resolve(both.id, 'LAST_WRITE_WINS'),
        both.ann.resolve(both.id, 'FIRST_WRITE_WINS'),
      ]);
      expect(answers[1]).toEqual(answers[0]);
    });

    test('a name that somebody took meanwhile is UNIQUE, and the conflict stays', async () => {
      const ann = world().person(world().engineFor('MANUAL_RESOLUTION'));
      const tag = await ann.newTag('Sea');
      await ann.tablet.ack(change.update('Tag', tag, 1, { name: 'Ocean' }, at(5)));
      const { conflict } = await ann.phone.ack(change.update('Tag', tag, 1, { name: 'Water' }, at(6)));
      await ann.newTag('Water');
      await ann.newTag('Lake');
      const id = conflict?.id ?? '';
      expect(await ann.resolve(id, 'LAST_WRITE_WINS')).toMatchObject({ ok: false, code: 'UNIQUE' });
      expect(await ann.resolve(id, 'MANUAL_RESOLUTION', { name: 'lake' })).toMatchObject({ code: 'UNIQUE' });
      expect(await ann.conflicts()).toMatchObject([{ id, status: 'pending' }]);
      expect(await ann.resolve(id, 'MANUAL_RESOLUTION', { name: 'River' })).toMatchObject({ ok: true });
      expect(await ann.sees('Tag', tag)).toMatchObject({ fields: { name: 'River' } });
    });

    test('validated like any change', async () => {
      const { ann, memory, id } = await titleConflict();
      for (const [data, code] of [
        [null, 'BAD_USER_INPUT'],
        [{ title: 7 }, 'BAD_USER_INPUT'],
        [{ nonsense: 'x' }, 'BAD_USER_INPUT'],
        [{ title: null }, 'BAD_USER_INPUT'],
      ] as const)
        expect(await ann.resolve(id, 'MANUAL_RESOLUTION', data)).toMatchObject({ ok: false, code });
      expect(await ann.sees('Memory', memory)).toMatchObject({ version: 2 });
      expect(await ann.conflicts()).toMatchObject([{ status: 'pending' }]);
    });

    test('written like any change: version, feed, and the writer’s device', async () => {
      const { ann, memory, id } = await titleConflict();
      const { cursor } = await ann.tablet.pull();
      await ann.resolve(id, 'MANUAL_RESOLUTION', { title: 'Ours' });
      expect((await ann.tablet.pull(cursor)).records).toMatchObject([
        { id: memory, version: 3, updatedBy: ann.userId },
      ]);
      const again = await ann.phone.ack(change.update('Memory', memory, 2, { title: 'Mine again' }, at(7)));
      expect(again).toMatchObject({ status: 'merged', conflict: null, stands: false });
    });

    test('a person may decide for another parent: the record moves', async () => {
      const ann = world().person(world().engineFor('MANUAL_RESOLUTION'));
      const memory = await ann.newMemory(await ann.newTrip());
      const [theirs, mine] = [await ann.newTrip(), await ann.newTrip()];
      await ann.tablet.ack(change.update('Memory', memory, 1, { tripId: theirs }, at(5)));
      const { conflict } = await ann.phone.ack(change.update('Memory', memory, 1, { tripId: mine }, at(6)));
      expect(await ann.resolve(conflict?.id ?? '', 'LAST_WRITE_WINS')).toMatchObject({ ok: true });
      expect(await ann.sees('Memory', memory)).toMatchObject({
        scope: tripScope(mine),
        fields: { tripId: mine },
      });
    });

    test('but not for one that is not there: nothing happens, and the conflict stays', async () => {
      const ann = world().person(world().engineFor('MANUAL_RESOLUTION'));
      const memory = await ann.newMemory(await ann.newTrip());
      const [theirs, mine] = [await ann.newTrip(), await ann.newTrip()];
      await ann.tablet.ack(change.update('Memory', memory, 1, { tripId: theirs }, at(5)));
      const { conflict } = await ann.phone.ack(change.update('Memory', memory, 1, { tripId: mine }, at(6)));
      await ann.tablet.ack(change.remove('Trip', mine, 1, at(7)));
      expect(await ann.resolve(conflict?.id ?? '', 'LAST_WRITE_WINS')).toMatchObject({
        code: 'STRATEGY_IMPOSSIBLE',
      });
      expect(await ann.sees('Memory', memory)).toMatchObject({ scope: tripScope(theirs) });
      expect(await world().waiting(ann)).toEqual([]);
      expect((await ann.conflicts()).map(({ id }) => id)).toEqual([conflict?.id]);
    });

    test('editors of the scope may resolve, viewers may not, strangers don’t know of it', async () => {
      const { ann, trip, memory, id } = await titleConflict();
      const people = [1, 2, 3].map(() => world().person(ann.engine));
      const [editor, viewer, stranger] = people as [Person, Person, Person];
      await ann.share(trip, editor, 'EDITOR');
      await ann.share(trip, viewer, 'VIEWER');
      const foreign = await stranger.resolve(id, 'LAST_WRITE_WINS');
      expect(foreign).toMatchObject({ ok: false, code: 'FORBIDDEN' });
      expect(foreign).toEqual(await stranger.resolve(newId(), 'LAST_WRITE_WINS'));
      expect(await viewer.resolve(id, 'LAST_WRITE_WINS')).toMatchObject({ ok: false, code: 'FORBIDDEN' });
      expect(await editor.resolve(id, 'MANUAL_RESOLUTION', { title: 'Ours' })).toMatchObject({ ok: true });
      expect(await ann.sees('Memory', memory)).toMatchObject({
        fields: { title: 'Ours' },
        updatedBy: editor.userId,
      });
    });

    test('an editor decides no deletion that it may not do itself', async () => {
      const ann = world().person(world().engineFor('MANUAL_RESOLUTION'));
      const bea = world().person(ann.engine);
      const trip = await ann.newTrip();
      await ann.share(trip, bea, 'EDITOR');
      await ann.tablet.ack(change.update('Trip', trip, 1, { name: 'Theirs' }, at(5)));
      const { conflict } = await ann.phone.ack(change.remove('Trip', trip, 1, at(6)));
      expect(await bea.resolve(conflict?.id ?? '', 'LAST_WRITE_WINS')).toMatchObject({
        ok: false,
        code: 'FORBIDDEN',
      });
      expect(await ann.sees('Trip', trip)).not.toBeNull();
      expect(await ann.resolve(conflict?.id ?? '', 'LAST_WRITE_WINS')).toMatchObject({ ok: true });
      expect(await ann.sees('Trip', trip)).toBeNull();
    });

    test('a role that was lost since decides nothing any more', async () => {
      const owner = world().person(world().engineFor('MANUAL_RESOLUTION'));
      const bea = world().person(owner.engine);
      const trip = await owner.newTrip();
      const memory = await owner.newMemory(trip);
      await owner.share(trip, bea, 'EDITOR');
      await owner.phone.ack(change.update('Memory', memory, 1, { title: 'Theirs' }, at(5)));
      const { conflict } = await bea.phone.ack(change.update('Memory', memory, 1, { title: 'Mine' }, at(6)));
      await owner.share(trip, bea, null);
      expect(await bea.conflicts()).toEqual([]);
      expect(await bea.resolve(conflict?.id ?? '', 'LAST_WRITE_WINS')).toMatchObject({
        ok: false,
        code: 'FORBIDDEN',
      });
    });

    test('listed are the caller’s pending ones and those that it lost, on either side', async () => {
      const [ann, bea, cem] = [world().person(), world().person(), world().person()];
      const trip = await ann.newTrip();
      const memory = await ann.newMemory(trip);
      await ann.share(trip, bea, 'EDITOR');
      await ann.share(trip, cem, 'EDITOR');
      await ann.phone.ack(change.update('Memory', memory, 1, { title: 'Ann’s' }, at(5)));
      const lost = await bea.phone.ack(change.update('Memory', memory, 1, { title: 'Bea’s' }, at(4)));
      const won = await bea.phone.ack(change.update('Memory', memory, 1, { title: 'Bea’s' }, at(6)));
      expect(won.conflict?.winner).toBe('client');
      expect((await bea.conflicts()).map(({ id }) => id)).toEqual([lost.conflict?.id]);
      expect((await ann.conflicts()).map(({ id }) => id)).toEqual([won.conflict?.id]);
      expect(await cem.conflicts()).toEqual([]);
    });
  });

  describeOn(`keeping both on ${name}`, makeStore, (world) => {
    test('KEEP_BOTH as the strategy: one conflict, two records, whose id is derived from it', async () => {
      const ann = world().person(world().engineFor('KEEP_BOTH'));
      const trip = await ann.newTrip();
      const memory = await ann.newMemory(trip, { text: 'kept' });
      await ann.tablet.ack(change.update('Memory', memory, 1, { title: 'Theirs' }, at(5)));
      const { cursor } = await ann.phone.pull();
      const raw = { ...change.update('Memory', memory, 1, { title: 'Mine' }, at(6)), changeId: newId() };
      const receipt = await ann.phone.ack(raw);
      expect(receipt).toMatchObject({
        status: 'conflict',
        stands: false,
        conflict: { winner: 'both', status: 'resolved' },
      });
      await ann.phone.ack(raw);
      const { records } = await ann.phone.pull(cursor);
      const titles = records.map(({ fields }) => [fields.title, fields.text, fields.tripId]);
      expect(titles.sort()).toEqual([
        ['Mine', 'kept', trip],
        ['Theirs', 'kept', trip],
      ]);
    });

    test('a tag’s second record gets a name of its own', async () => {
      const ann = world().person(world().engineFor('KEEP_BOTH'));
      const tag = await ann.newTag('Sea');
      await ann.tablet.ack(change.update('Tag', tag, 1, { color: 'red' }, at(5)));
      const { cursor } = await ann.phone.pull();
      await ann.phone.ack(change.update('Tag', tag, 1, { color: 'blue' }, at(6)));
      const { records } = await ann.phone.pull(cursor);
      expect(records).toHaveLength(2);
      expect(records.find(({ id }) => id !== tag)?.fields.name).toMatch(/^Sea \(.{8}\)$/);
    });

    test('falls back to a person’s decision where it can’t be: a trip, a deletion', async () => {
      const ann = world().person(world().engineFor('KEEP_BOTH'));
      const trip = await ann.newTrip();
      await ann.tablet.ack(change.update('Trip', trip, 1, { name: 'Theirs' }, at(5)));
      const edit = await ann.phone.ack(change.update('Trip', trip, 1, { name: 'Mine' }, at(6)));
      expect(edit.conflict).toMatchObject({ status: 'pending', strategy: 'MANUAL_RESOLUTION' });
      expect(await ann.resolve(edit.conflict?.id ?? '', 'KEEP_BOTH')).toMatchObject({
        code: 'STRATEGY_IMPOSSIBLE',
      });
      const deletion = await ann.phone.ack(change.remove('Trip', trip, 1, at(6)));
      expect(deletion.conflict).toMatchObject({ status: 'pending', strategy: 'MANUAL_RESOLUTION' });
    });
  });
}
