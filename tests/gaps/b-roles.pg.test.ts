/** Gap B2: role by role, who may do what, looked at from the side of the one who could be harmed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  create,
  type Ground,
  media,
  memory,
  NEVER,
  pushed,
  recordsIn,
  remove,
  seen,
  share,
  startTravel,
  track,
  trip,
  update,
} from './ground.ts';
import { sharedTrip } from './shared-trip.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await startTravel({ CONFLICT_RESOLUTION_STRATEGY: 'MANUAL_RESOLUTION' });
});
afterAll(() => ground.close());

describe('B2', () => {
  type Role = 'owner' | 'editor' | 'viewer' | 'stranger';
  type World = Awaited<ReturnType<typeof sharedTrip>>;
  const ROLES: readonly Role[] = ['owner', 'editor', 'viewer', 'stranger'];
  const DEEDS: [what: string, rows: (world: World) => Record<string, object[]>, may: readonly Role[]][] = [
    [
      'change the trip',
      ({ parent }) => ({ trips: [update(parent.id, 1, { name: 'Mine' })] }),
      ['owner', 'editor'],
    ],
    ['delete the trip', ({ parent }) => ({ trips: [remove(parent.id, 1)] }), ['owner']],
    [
      'change a memory',
      ({ note }) => ({ memories: [update(note.id, 1, { title: 'Mine' })] }),
      ['owner', 'editor'],
    ],
    ['delete a memory', ({ note }) => ({ memories: [remove(note.id, 1)] }), ['owner', 'editor']],
    [
      'change a picture',
      ({ picture }) => ({ mediaItems: [update(picture.id, 1, { order: 7 })] }),
      ['owner', 'editor'],
    ],
    [
      'change a track',
      ({ way }) => ({ gpxTracks: [update(way.id, 1, { name: 'Mine' })] }),
      ['owner', 'editor'],
    ],
    ['change a wish', ({ wish }) => ({ bucketListItems: [update(wish.id, 1, { isDone: true })] }), ['owner']],
    ['delete a tag', ({ tag }) => ({ tags: [remove(tag.id, 1)] }), ['owner']],
    [
      'change a category',
      ({ category }) => ({ tagCategories: [update(category.id, 1, { name: 'x' })] }),
      ['owner'],
    ],
    ['make a memory', ({ parent }) => ({ memories: [memory(parent.id)] }), ['owner', 'editor']],
    ['make a track', ({ parent }) => ({ gpxTracks: [track(parent.id)] }), ['owner', 'editor']],
    ['make a picture', ({ note }) => ({ mediaItems: [media(note.id)] }), ['owner', 'editor']],
  ];
  test.each(DEEDS)('B2 %s: only who may', async (_what, rows, may) => {
    for (const role of ROLES) {
      const world = await sharedTrip(ground);
      const before = recordsIn(await world.owner.pull());
      // Whoever deletes has looked at what goes along.
      await world[role].pull();
      const answer = await world[role].push(rows(world));
      const after = recordsIn(await world.owner.on('other').pull());
      if (may.includes(role)) {
        expect([role, answer.successful.length, answer.failed]).toEqual([role, 1, []]);
        expect(after).not.toEqual(before);
      } else {
        expect([role, answer.successful]).toEqual([role, []]);
        expect(after).toEqual(before);
      }
    }
  });

  test('B2 a memory can be moved only between trips that the mover may both write', async () => {
    const { editor, viewer, note, owner } = await sharedTrip(ground);
    const own = trip();
    await pushed(editor, { trips: [own] });
    const readable = trip();
    await pushed(owner, { trips: [readable] });
    await share(owner, readable.id, editor, 'READ');
    const refused = await editor.push({ memories: [update(note.id, 1, { tripId: readable.id })] });
    expect(refused.failed).toMatchObject([{ code: 'FORBIDDEN' }]);
    expect((await seen(owner, 'memories', note)).tripId).toBe(note.tripId);
    await pushed(viewer, { trips: [create({ name: 'Mine', startDate: NEVER })] });
    await pushed(editor, { memories: [update(note.id, 1, { tripId: own.id })] });
    expect(await seen(owner, 'memories', note)).toBeUndefined();
    expect((await seen(editor, 'memories', note)).tripId).toBe(own.id);
  });

  test('B2 who made a record is whoever sent it', async () => {
    const { editor, owner, parent } = await sharedTrip(ground);
    const note = memory(parent.id);
    await pushed(editor, { memories: [note] });
    expect((await seen(owner, 'memories', note)).userId).toBe(editor.userId);
    await pushed(owner, { memories: [update(note.id, 1, { title: 'x' })] });
    expect((await seen(owner, 'memories', note)).userId).toBe(editor.userId);
  });
});
