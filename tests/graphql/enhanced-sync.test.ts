/** enhancedSync as apps use it: pages, filters, deletions, relations, sharing, and arguments that make no sense. */
import { randomUUID } from 'node:crypto';
import { travelDomain, travelGraphQL } from '@ackord/travel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, type GraphQLServer, type Loose, startGraphQL } from '../support/graphql.ts';

let server: GraphQLServer;
beforeAll(async () => {
  server = await startGraphQL({
    domains: [travelDomain],
    graphql: [{ ...travelGraphQL, path: '/graphql' }],
    environment: { SYNC_BATCH_SIZE: '7' },
  });
});
afterAll(() => server.close());

const NEVER = '0001-01-01T00:00:00.000Z';
const AT = '2024-05-01T12:00:00.000Z';
const IDS =
  'tagCategories { id } tags { id } bucketListItems { id } trips { id } memories { id } mediaItems { id } gpxTracks { id }';
const DELETED = 'deleted { tagCategories tags bucketListItems trips memories mediaItems gpxTracks }';
const PULL = `query Pull($since: DateTime!, $cursor: String, $batchSize: Int, $entityTypes: [String!], $syncPriority: SyncPriority) {
  enhancedSync(lastSyncedAt: $since, cursor: $cursor, batchSize: $batchSize, entityTypes: $entityTypes, syncPriority: $syncPriority) {
    ${IDS} ${DELETED} hasMore nextCursor totalCount batchSize serverTimestamp fullResyncRequired consistent droppedScopes roles { scope role }
  }
}`;

const pull = async (caller: Caller, args: Record<string, unknown> = {}): Promise<Loose> =>
  (await caller.data(PULL, { since: NEVER, ...args })).enhancedSync;
const read = async (caller: Caller, selection: string): Promise<Loose> =>
  (await caller.data(`{ enhancedSync(lastSyncedAt: "${NEVER}", batchSize: 5000) { ${selection} } }`))
    .enhancedSync;

const push = async (caller: Caller, input: Record<string, unknown>): Promise<void> => {
  const document =
    'mutation S($input: BulkSyncInput!) { bulkSync(input: $input) { conflicts { id } failed { error } } }';
  const { bulkSync } = await caller.data(document, { input });
  expect(bulkSync).toEqual({ conflicts: [], failed: [] });
};
const create = (fields: Record<string, unknown>) => ({
  id: randomUUID(),
  syncVersion: 0,
  clientTimestamp: AT,
  operation: 'CREATE',
  ...fields,
});
const trip = (fields: Record<string, unknown> = {}) => create({ name: 'Brittany', startDate: AT, ...fields });
const share = (owner: Caller, tripId: string, email: string, permission = 'READ') =>
  owner.data(
    `mutation { shareTrip(tripId: "${tripId}", email: "${email}", permission: ${permission}) { id role } }`,
  );

async function journal(caller: Caller) {
  const [parent, category] = [trip(), create({ name: 'Sights' })];
  const tag = create({
    name: 'Lighthouse',
    color: 'red',
    emoji: '🗼',
    displayName: 'L',
    tagDescription: 'secret',
    categoryId: category.id,
  });
  const track = create({ tripId: parent.id, name: 'Coast' });
  const memory = create({ title: 'Créac’h', tripId: parent.id, tagIds: [tag.id], gpxTrackId: track.id });
  const media = create({
    memoryId: memory.id,
    objectName: 'a.jpg',
    mediaType: 'image/jpeg',
    order: 0,
    filesize: 3_000_000_000,
    timestamp: AT,
  });
  await push(caller, {
    tagCategories: [category],
    tags: [tag],
    trips: [parent],
    memories: [memory],
    mediaItems: [media],
    gpxTracks: [track],
  });
  return { parent, category, tag, track, memory, media };
}

describe('pages', () => {
  test('E2 bring every row once, parents first, whatever their size', async () => {
    const caller = await server.caller();
    const parent = trip();
    const memories = Array.from({ length: 20 }, (_, at) => create({ title: `${at}`, tripId: parent.id }));
    await push(caller, { trips: [parent], memories });
    const seen: string[] = [];
    let page = await pull(caller);
    expect(page).toMatchObject({ batchSize: 7, totalCount: 21, hasMore: true, consistent: false });
    expect(page.trips).toEqual([{ id: parent.id }]);
    for (;;) {
      seen.push(...page.memories.map(({ id }: { id: string }) => id));
      if (!page.hasMore) break;
      page = await pull(caller, { cursor: page.nextCursor });
    }
    expect([...new Set(seen)].sort()).toEqual(memories.map(({ id }) => id).sort());
    expect(page).toMatchObject({ consistent: true, totalCount: 21 });
    expect(await pull(caller, { cursor: page.nextCursor })).toMatchObject({
      memories: [],
      trips: [],
      hasMore: false,
    });
    expect(await pull(caller, { since: page.serverTimestamp })).toMatchObject({
      memories: [],
      trips: [],
      totalCount: 0,
    });
  });

  test('of an empty account are empty, for all that clients call "never"', async () => {
    const caller = await server.caller();
    for (const since of [
      NEVER,
      '0000-12-30T00:00:00.000Z',
      '1969-12-31T23:59:59Z',
      '2999-01-01T00:00:00+02:00',
    ]) {
      const page = await pull(caller, { since });
      expect(page).toMatchObject({
        trips: [],
        memories: [],
        tags: [],
        totalCount: 0,
        hasMore: false,
        fullResyncRequired: false,
      });
      expect(page.serverTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }
  });

  test('E16 leave nothing out when a client takes the time of its last push for its position', async () => {
    const [owner, guest] = [await server.caller({ device: 'a' }), await server.caller({ device: 'b' })];
    const { parent } = await journal(owner);
    await share(owner, parent.id, guest.email, 'WRITE');
    await pull(guest, { batchSize: 100 });
    const other = create({ title: 'by the owner', tripId: parent.id });
    await push(owner, { memories: [other] });
    const document = 'mutation S($input: BulkSyncInput!) { bulkSync(input: $input) { serverTimestamp } }';
    const mine = create({ title: 'by the guest', tripId: parent.id });
    const { bulkSync } = await guest.data(document, { input: { memories: [mine] } });
    const page = await pull(guest, { since: bulkSync.serverTimestamp, batchSize: 100 });
    expect(page.memories).toContainEqual({ id: other.id });
  });
});

describe('filters', () => {
  test('B9 by type, once each, in the order of dependencies', async () => {
    const caller = await server.caller();
    await journal(caller);
    const page = await pull(caller, { entityTypes: ['Tag', 'Trip', 'Tag'], batchSize: 100 });
    expect(page).toMatchObject({ memories: [], tagCategories: [], gpxTracks: [], totalCount: 2 });
    expect([page.tags.length, page.trips.length]).toEqual([1, 1]);
    expect((await pull(caller, { entityTypes: [], batchSize: 100 })).totalCount).toBe(6);
  });

  test('E5 by priority; without one nothing is filtered', async () => {
    const caller = await server.caller();
    const rows = ['LOW', 'NORMAL', 'HIGH', 'CRITICAL'].map((syncPriority) => trip({ syncPriority }));
    await push(caller, { trips: rows });
    const count = async (syncPriority?: string) =>
      (await pull(caller, { syncPriority, batchSize: 100 })).trips.length;
    expect([await count(), await count('LOW'), await count('NORMAL'), await count('CRITICAL')]).toEqual([
      4, 4, 3, 1,
    ]);
  });

  test('E6 belong to the cursor', async () => {
    const caller = await server.caller();
    await journal(caller);
    const { nextCursor } = await pull(caller, { entityTypes: ['Tag'], batchSize: 100 });
    const answer = await caller.ask(PULL, { since: NEVER, cursor: nextCursor });
    expect(answer).toMatchObject({
      status: 200,
      data: null,
      errors: [{ extensions: { code: 'CURSOR_FILTER_CHANGED' } }],
    });
  });
});

test.each([
  [{ entityTypes: ['Trip', 'User'] }, 'BAD_USER_INPUT'],
  [{ entityTypes: ['memories'] }, 'BAD_USER_INPUT'],
  [{ batchSize: 0 }, 'BAD_USER_INPUT'],
  [{ batchSize: -5 }, 'BAD_USER_INPUT'],
  [{ batchSize: 5_001 }, 'BAD_USER_INPUT'],
  [{ cursor: 'garbage' }, 'CURSOR_MALFORMED'],
  [{ cursor: '' }, 'CURSOR_MALFORMED'],
])('%j is refused with a code', async (args, code) => {
  const answer = await (await server.caller()).ask(PULL, { since: NEVER, ...args });
  expect(answer).toMatchObject({ status: 200, data: null, errors: [{ extensions: { code } }] });
});

test('the cursor of another user is refused', async () => {
  const [one, other] = [await server.caller(), await server.caller()];
  const { nextCursor } = await pull(one);
  const answer = await other.ask(PULL, { since: NEVER, cursor: nextCursor });
  expect(answer).toMatchObject({
    data: null,
    errors: [{ extensions: { code: expect.stringMatching(/^CURSOR_/) } }],
  });
});

test('E3 what was deleted is told by type, children of a cascade included', async () => {
  const caller = await server.caller();
  const { parent, memory, media, track } = await journal(caller);
  const { nextCursor } = await pull(caller, { batchSize: 100 });
  await push(caller, { trips: [{ ...create({}), id: parent.id, operation: 'DELETE', syncVersion: 1 }] });
  const page = await pull(caller, { cursor: nextCursor, batchSize: 100 });
  expect(page.deleted).toEqual({
    tagCategories: [],
    tags: [],
    bucketListItems: [],
    trips: [parent.id],
    memories: [memory.id],
    mediaItems: [media.id],
    gpxTracks: [track.id],
  });
});

describe('relations', () => {
  const SELECTION = `
    trips { id role memories { id tags { name } } gpxTracks { name } }
    memories { id userId tagIds tags { id name category { id name } } gpxTrack { id name } mediaItems { id } gpxTrackId bucketListItemId }
    mediaItems { id fileSize fileSizeBytes s3Key filename originalFilename mimeType memory { id title mediaItems { id } } }
    tags { id categoryId category { name } relatedTags { id } relatedTagIds }
    gpxTracks { id memoryId }`;

  test('are there, and lead back and forth', async () => {
    const caller = await server.caller();
    const { parent, category, tag, track, memory, media } = await journal(caller);
    // Twice interpreted or compiled: all ways give the same.
    for (let sight = 0; sight < 3; sight++) {
      const answer = await read(caller, SELECTION);
      expect(answer.trips).toEqual([
        {
          id: parent.id,
          role: 'OWNER',
          memories: [{ id: memory.id, tags: [{ name: 'Lighthouse' }] }],
          gpxTracks: [{ name: 'Coast' }],
        },
      ]);
      expect(answer.memories).toEqual([
        {
          id: memory.id,
          userId: caller.userId,
          tagIds: [tag.id],
          tags: [{ id: tag.id, name: 'Lighthouse', category: { id: category.id, name: 'Sights' } }],
          gpxTrack: { id: track.id, name: 'Coast' },
          mediaItems: [{ id: media.id }],
          gpxTrackId: track.id,
          bucketListItemId: null,
        },
      ]);
      expect(answer.mediaItems).toEqual([
        {
          id: media.id,
          fileSize: 2_147_483_647,
          fileSizeBytes: 3_000_000_000,
          s3Key: 'a.jpg',
          filename: 'a.jpg',
          originalFilename: null,
          mimeType: 'image/jpeg',
          memory: { id: memory.id, title: 'Créac’h', mediaItems: [{ id: media.id }] },
        },
      ]);
      expect(answer.tags).toEqual([
        {
          id: tag.id,
          categoryId: category.id,
          category: { name: 'Sights' },
          relatedTags: [],
          relatedTagIds: [],
        },
      ]);
    }
  });

  test('that lead nowhere read as null or are left out', async () => {
    const caller = await server.caller();
    const { category, tag, track } = await journal(caller);
    const gone = (row: { id: string }) => ({
      ...create({}),
      id: row.id,
      operation: 'DELETE',
      syncVersion: 1,
    });
    await push(caller, { tagCategories: [gone(category)], gpxTracks: [gone(track)] });
    const before = await read(caller, SELECTION);
    expect(before.tags).toMatchObject([{ categoryId: null, category: null }]);
    expect(before.memories).toMatchObject([{ gpxTrackId: null, gpxTrack: null, tagIds: [tag.id] }]);
    await push(caller, { tags: [gone(tag)] });
    expect((await read(caller, SELECTION)).memories).toMatchObject([{ tagIds: [], tags: [] }]);
  });

  test('under an id that was merged into another lead to that one', async () => {
    const caller = await server.caller();
    const [tag, twin, parent] = [create({ name: 'Beach' }), create({ name: 'beach ' }), trip()];
    const memory = create({ title: 'x', tripId: parent.id, tagIds: [twin.id] });
    // The memory comes first, so that its tag becomes an alias only afterwards.
    await push(caller, { trips: [parent], memories: [memory] });
    await push(caller, { tags: [tag] });
    await push(caller, { tags: [twin] });
    const { memories } = await read(caller, 'memories { tagIds tags { id name } }');
    expect(memories).toEqual([
      { tagIds: [tag.id], tags: [{ id: tag.id, name: expect.stringMatching(/beach/i) }] },
    ]);
  });

  test('E10 cost the same few reads for many rows as for one', async () => {
    const caller = await server.caller();
    const { parent } = await journal(caller);
    const tags = Array.from({ length: 30 }, (_, at) => create({ name: `tag ${at}` }));
    const memories = Array.from({ length: 200 }, (_, at) =>
      create({ title: `${at}`, tripId: parent.id, tagIds: [tags[at % 30]!.id, tags[(at * 7) % 30]!.id] }),
    );
    await push(caller, { tags, memories });
    let calls = 0;
    const { engine } = server;
    const original = { records: engine.records, linked: engine.linked, children: engine.children };
    for (const name of ['records', 'linked', 'children'] as const) {
      const counted = (...args: never[]) => {
        calls++;
        return (original[name] as Loose)(...args);
      };
      Object.assign(engine, { [name]: counted });
    }
    try {
      const { memories: found } = await read(
        caller,
        'memories { tags { id } mediaItems { id } gpxTrack { id } tagIds }',
      );
      expect(found).toHaveLength(201);
      // mediaItems: the tags and tracks had come with the page.
      expect(calls).toBe(1);
    } finally {
      Object.assign(engine, original);
    }
  });
});

describe('a shared trip', () => {
  test('E9 arrives whole at its new member, with the role, and leaves again', async () => {
    const [owner, guest] = [await server.caller(), await server.caller()];
    const { parent, memory, media, track } = await journal(owner);
    const before = await pull(guest, { batchSize: 100 });
    expect(before.totalCount).toBe(0);
    await share(owner, parent.id, guest.email);
    const page = await pull(guest, { cursor: before.nextCursor, batchSize: 100 });
    expect(page).toMatchObject({
      trips: [{ id: parent.id }],
      memories: [{ id: memory.id }],
      mediaItems: [{ id: media.id }],
      gpxTracks: [{ id: track.id }],
    });
    expect(page.roles).toContainEqual({ scope: `trip:${parent.id}`, role: 'VIEWER' });
    await owner.data(`mutation { unshareTrip(tripId: "${parent.id}", userId: "${guest.userId}") }`);
    const after = await pull(guest, { cursor: page.nextCursor, batchSize: 100 });
    expect(after.deleted).toMatchObject({
      trips: [parent.id],
      memories: [memory.id],
      mediaItems: [media.id],
      gpxTracks: [track.id],
      tags: [],
    });
    expect(after.droppedScopes).toEqual([`trip:${parent.id}`]);
    expect(
      (await pull(owner, { cursor: (await pull(owner, { batchSize: 100 })).nextCursor })).deleted.trips,
    ).toEqual([]);
  });

  test('shows of a tag of its owner only what is needed to draw it', async () => {
    const [owner, guest] = [await server.caller(), await server.caller()];
    const { parent, tag } = await journal(owner);
    await share(owner, parent.id, guest.email);
    const everything = `id name emoji color normalizedName displayName tagDescription categoryId category { id name } relatedTags { id }
      isSystemTag usageCount sortOrder isArchived createdAt updatedAt syncVersion syncStatus syncPriority`;
    const { memories, tags } = await read(guest, `memories { tagIds tags { ${everything} } } tags { id }`);
    expect(tags).toEqual([]);
    expect(memories).toEqual([
      {
        tagIds: [tag.id],
        tags: [
          {
            id: tag.id,
            name: 'Lighthouse',
            emoji: '🗼',
            color: 'red',
            normalizedName: null,
            displayName: null,
            tagDescription: null,
            categoryId: null,
            category: null,
            relatedTags: [],
            isSystemTag: false,
            usageCount: 0,
            sortOrder: 0,
            isArchived: false,
            createdAt: '1970-01-01T00:00:00.000Z',
            updatedAt: '1970-01-01T00:00:00.000Z',
            syncVersion: 0,
            syncStatus: 'IN_SYNC',
            syncPriority: 'NORMAL',
          },
        ],
      },
    ]);
  });

  test('does not show tags of strangers whose ids somebody wrote on a memory', async () => {
    const [owner, stranger] = [await server.caller(), await server.caller()];
    const { tag } = await journal(stranger);
    const parent = trip();
    await push(owner, {
      trips: [parent],
      memories: [create({ title: 'x', tripId: parent.id, tagIds: [tag.id] })],
    });
    expect((await read(owner, 'memories { tagIds tags { name } }')).memories).toEqual([
      { tagIds: [], tags: [] },
    ]);
  });
});
