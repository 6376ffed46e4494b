/**
 * 1,000 entities of all types in one call, and in the middle of them one bad row, one that conflicts and one that is
 * forbidden: 997 succeed, each of the three is told with its index and code, and nothing else is harmed.
 */
import { randomUUID } from 'node:crypto';
import { travelDomain, travelGraphQL } from '@ackord/travel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Caller, type GraphQLServer, type Loose, startGraphQL } from '../support/graphql.ts';

const AT = '2026-05-01T08:00:00.000Z';

let server: GraphQLServer;
let caller: Caller;
let stranger: Caller;
beforeAll(async () => {
  server = await startGraphQL({
    domains: [travelDomain],
    graphql: [{ ...travelGraphQL, path: '/graphql' }],
    environment: { CONFLICT_RESOLUTION_STRATEGY: 'MANUAL_RESOLUTION' },
  });
  caller = await server.caller({ device: 'phone' });
  stranger = await server.caller();
});
afterAll(() => server.close());

const SYNC = `mutation ($input: BulkSyncInput!) { bulkSync(input: $input) {
  successful { entityType entityId index outcome syncVersion replayed }
  conflicts { entityType entityId index conflictType conflictedFields localData remoteData }
  failed { entityType entityId index code field retryable }
  processedCount } }`;

const sync = async (by: Caller, input: Record<string, unknown>): Promise<Loose> =>
  (await by.data(SYNC, { input })).bulkSync;

type Row = Record<string, unknown>;
const row = (more: Row): Row => ({
  id: randomUUID(),
  syncVersion: 0,
  clientTimestamp: AT,
  operation: 'CREATE',
  ...more,
});
const times = (count: number, make: (at: number) => Row): Row[] =>
  Array.from({ length: count }, (_, at) => make(at));
const trip = (more: Row = {}) => row({ name: 'Brittany', startDate: AT, ...more });

/** 1,000 rows of all seven types, links and all. */
function thousand() {
  const trips = times(20, () => trip());
  const tripId = (at: number) => trips[at % trips.length]!.id;
  const tagCategories = times(5, (at) => row({ name: `Category ${at}` }));
  const tags = times(50, (at) => row({ name: `Tag ${at}`, categoryId: tagCategories[at % 5]!.id }));
  const bucketListItems = times(25, (at) => row({ name: `Wish ${at}` }));
  const gpxTracks = times(50, (at) => row({ tripId: tripId(at), name: `Way ${at}` }));
  const memories = times(500, (at) =>
    row({ tripId: tripId(at), title: `Memory ${at}`, tagIds: [tags[at % 50]!.id] }),
  );
  const mediaItems = times(350, (at) =>
    row({
      memoryId: memories[at]!.id,
      objectName: `media/${at}.jpg`,
      mediaType: 'image/jpeg',
      order: at % 10,
    }),
  );
  return { trips, tagCategories, tags, bucketListItems, gpxTracks, memories, mediaItems };
}

test('997 succeed, and the three are told apart', async () => {
  // What the conflict and the refusal are about is there before.
  const [mine, theirs] = [trip(), trip()];
  const known = row({ tripId: mine.id, title: 'As it was' });
  const foreign = row({ tripId: theirs.id, title: 'Not yours' });
  expect((await sync(caller, { trips: [mine], memories: [known] })).successful).toHaveLength(2);
  expect((await sync(stranger, { trips: [theirs], memories: [foreign] })).successful).toHaveLength(2);
  const edit = (of: Row, more: Row) => row({ id: of.id, operation: 'UPDATE', syncVersion: 1, ...more });
  expect(
    (await sync(caller, { deviceId: 'tablet', memories: [edit(known, { title: 'On the tablet' })] }))
      .successful,
  ).toMatchObject([{ syncVersion: 2 }]);

  const lists = thousand();
  const [bad, conflicting, forbidden] = [249, 250, 251];
  lists.memories[bad] = { ...lists.memories[bad]!, title: 'a\u0000b' };
  lists.memories[conflicting] = edit(known, { title: 'On the phone' });
  lists.memories[forbidden] = edit(foreign, { title: 'Mine now' });
  // Whoever needs the spoilt ones would fail with them: that is another promise.
  lists.mediaItems = lists.mediaItems.map((item, at) =>
    at >= bad && at <= forbidden ? { ...item, memoryId: lists.memories[0]!.id } : item,
  );
  expect(Object.values(lists).flat()).toHaveLength(1_000);

  const answer = await sync(caller, lists);
  expect(answer.processedCount).toBe(1_000);
  expect(answer.failed).toEqual([
    {
      entityType: 'Memory',
      entityId: lists.memories[bad]!.id,
      index: bad,
      code: 'INVALID',
      field: 'title',
      retryable: false,
    },
    {
      entityType: 'Memory',
      entityId: foreign.id,
      index: forbidden,
      code: 'FORBIDDEN',
      field: null,
      retryable: false,
    },
  ]);
  expect(answer.conflicts).toMatchObject([
    {
      entityType: 'Memory',
      entityId: known.id,
      index: conflicting,
      conflictType: 'VERSION_MISMATCH',
      conflictedFields: ['title'],
    },
  ]);
  expect(JSON.parse(answer.conflicts[0].localData)).toMatchObject({ title: 'On the tablet' });
  expect(JSON.parse(answer.conflicts[0].remoteData)).toMatchObject({ title: 'On the phone' });

  const sentWell = Object.values(lists)
    .flat()
    .filter(({ id }) => ![bad, conflicting, forbidden].some((at) => lists.memories[at]!.id === id));
  expect(answer.successful).toHaveLength(997);
  expect(new Set(answer.successful.map(({ entityId }: Loose) => entityId))).toEqual(
    new Set(sentWell.map(({ id }) => id)),
  );
  expect(
    answer.successful.every(({ outcome, syncVersion }: Loose) => outcome === 'applied' && syncVersion === 1),
  ).toBe(true);

  // Nothing else is harmed: all of it is there, and the stranger has what it had.
  expect(await titlesOf(caller)).toEqual(
    [
      'On the tablet',
      ...lists.memories.flatMap(({ title }, at) =>
        [bad, conflicting, forbidden].includes(at) ? [] : [title],
      ),
    ].sort(),
  );
  expect(await titlesOf(stranger)).toEqual(['Not yours']);
  expect(server.log).toEqual([]);

  // And all of it again, as after a lost answer: the same answers.
  const again = await sync(caller, lists);
  expect(again.successful).toEqual(answer.successful.map((one: Loose) => ({ ...one, replayed: true })));
  expect(again.failed).toEqual(answer.failed);
  expect(again.conflicts).toEqual(answer.conflicts);
});

async function titlesOf(reader: Caller): Promise<string[]> {
  const titles: string[] = [];
  const query = `query ($cursor: String) { enhancedSync(lastSyncedAt: "0001-01-01T00:00:00.000Z", batchSize: 500, cursor: $cursor) {
    memories { title } hasMore nextCursor } }`;
  let cursor: string | null = null;
  for (;;) {
    const { enhancedSync }: Loose = await reader.data(query, { cursor });
    titles.push(...enhancedSync.memories.map(({ title }: Loose) => title));
    if (!enhancedSync.hasMore) return titles.sort();
    cursor = enhancedSync.nextCursor;
  }
}
