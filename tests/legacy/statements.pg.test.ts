/** No statement per row: a list of 1,000 costs as many as a list of 10, with all that hangs on its rows. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  create,
  type Ground,
  type Loose,
  media,
  memory,
  NEVER,
  type Person,
  pushed,
  share,
  startTravel,
  track,
  trip,
} from '../gaps/ground.ts';
import { statementsOf } from './count-statements.ts';
import { appDocument, textOf } from './documents.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await startTravel();
});
afterAll(() => ground.close());

const SMALL = 10;
const LARGE = 1_000;

/** One trip with so many memories, each with two tags of different categories, a picture, a track and a wish. */
async function journal(person: Person, count: number): Promise<string> {
  const some = Math.min(count, 100);
  const categories = Array.from({ length: some }, (_, at) => create({ name: `Category ${at}` }));
  const tags = categories.map((category, at) => create({ name: `Tag ${at}`, categoryId: category.id }));
  const wishes = Array.from({ length: some }, (_, at) => create({ name: `Wish ${at}` }));
  const parent = trip();
  await pushed(person, { tagCategories: categories, tags, bucketListItems: wishes, trips: [parent] });
  const memories = Array.from({ length: count }, (_, at) => {
    const tagIds = [tags[at % some]!.id, tags[(at + 1) % some]!.id];
    return memory(parent.id, { title: `M ${at}`, tagIds, bucketListItemId: wishes[at % some]!.id });
  });
  const tracks = memories.map(({ id }) => track(parent.id, { memoryId: id }));
  const linked = memories.map((row, at) => ({ ...row, gpxTrackId: tracks[at]!.id }));
  const files = memories.flatMap(({ id }) => [media(id), media(id, { order: 1 })]);
  await pushed(person, { memories: linked, gpxTracks: tracks, mediaItems: files });
  return parent.id;
}

const MEMORY = `id title text location { name } userId syncStatus gpxTrack { id name segments { id } }
  tags { id name category { id name tags { id } } relatedTags { id } }
  mediaItems { id filename downloadUrl thumbnailUrl memory { id title } }`;
const QUERIES = {
  memories: `{ memories { ${MEMORY} } }`,
  'memories of a trip': `query Q($id: ID) { memories(tripId: $id) { ${MEMORY} } }`,
  'one page of them': `query Q($id: ID) { memories(tripId: $id, limit: #) { ${MEMORY} } }`,
  searchMemories: `{ searchMemories(query: "M ") { ${MEMORY} } }`,
  'a trip with them': `query Q($id: ID!) { trip(id: $id) { id coverImageUrl role memories { ${MEMORY} } gpxTracks { id downloadUrl } routePoints { id } trackSegments { id } } }`,
  gpxTracksByTrip:
    'query Q($id: ID!) { gpxTracksByTrip(tripId: $id) { id downloadUrl segments { id points { id } } syncStatus } }',
  tags: '{ tags { id category { id tags { id } } relatedTags { id } } }',
  tagCategories: '{ tagCategories { id tags { id name } } }',
  bucketListItems: '{ bucketListItems { id memories { id title tags { id } } } }',
};

test.each(Object.entries(QUERIES))(
  '%s',
  async (_name, query) => {
    const counts = new Map<number, number>();
    for (const [count, person] of await sized()) {
      const text = query.replace('#', String(count));
      const { id } = (await person.data('{ trips { id } }')).trips[0];
      counts.set(count, await statementsOf(() => person.data(text, text.includes('$id') ? { id } : {})));
    }
    expect(counts.get(LARGE)).toBe(counts.get(SMALL));
    expect(counts.get(LARGE)).toBeLessThan(100);
  },
  120_000,
);

test('sync', async () => {
  const counts = new Map<number, number>();
  const text = textOf(appDocument('Sync'), 'nested');
  for (const [count, person] of await sized())
    counts.set(count, await statementsOf(() => person.data(text, { lastSyncedAt: NEVER })));
  expect(counts.get(LARGE)).toBe(counts.get(SMALL));
}, 120_000);

let made: Promise<(readonly [number, Person])[]> | undefined;
function sized(): Promise<(readonly [number, Person])[]> {
  made ??= Promise.all(
    [SMALL, LARGE].map(async (count) => {
      const person = await ground.person();
      await journal(person, count);
      return [count, person] as const;
    }),
  );
  return made;
}

/** Trips of one owner, shared with members who have all tagged the memories with tags of their own. */
async function sharedTrips(trips: number, members: number): Promise<Person> {
  const owner = await ground.person();
  const rows = Array.from({ length: trips }, () => trip());
  await pushed(owner, { trips: rows, memories: rows.map(({ id }) => memory(id)) });
  const page = await owner.pull();
  const friends = await Promise.all(Array.from({ length: members }, () => ground.person()));
  for (const friend of friends) {
    const tag = create({ name: 'Mine', categoryId: null });
    await pushed(friend, { tags: [tag] });
    await Promise.all(rows.map(({ id }) => share(owner, id, friend, 'WRITE')));
    const theirs = (await friend.pull()).memories.map(({ id, syncVersion, tagIds }: Loose) => ({
      operation: 'UPDATE',
      id,
      syncVersion,
      clientTimestamp: new Date().toISOString(),
      tagIds: [...tagIds, tag.id],
    }));
    await pushed(friend, { memories: theirs });
  }
  expect(page.memories).toHaveLength(trips);
  return owner;
}

test('50 shared trips with the tags of 20 members', async () => {
  const counts: number[] = [];
  for (const [trips, members] of [
    // Beyond some ten scopes records are looked up by their places, which is two statements more, once and for all.
    [20, 2],
    [50, 20],
  ] as const) {
    const owner = await sharedTrips(trips, members);
    const text = `{ memories { ${MEMORY} } trips { id role } }`;
    const { memories } = await owner.data(text);
    expect(memories[0].tags).toHaveLength(members);
    counts.push(await statementsOf(() => owner.data(text)));
  }
  expect(counts[1]).toBe(counts[0]);
}, 240_000);
