/** What bulkSync says about changes: the three lists, and which of its values a client may take as its new base. */
import { randomUUID } from 'node:crypto';
import { travelDomain, travelGraphQL } from '@ackord/travel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Caller, type GraphQLServer, type Loose, startGraphQL } from '../support/graphql.ts';

let server: GraphQLServer;
beforeAll(async () => {
  server = await startGraphQL({ domains: [travelDomain], graphql: [{ ...travelGraphQL, path: '/graphql' }] });
});
afterAll(() => server.close());

const CONFLICT =
  'id entityType entityId conflictType localVersion remoteVersion localData remoteData conflictedFields timestamp status clientId index';
const PLAIN =
  'entityType entityId operation clientId changeId index syncVersion updatedAt replayed outcome winner mergedFields conflictId canonicalId seq';
const sync = (fields: string) => `mutation Sync($input: BulkSyncInput!) {
  bulkSync(input: $input) {
    successful { ${fields} }
    conflicts { ${CONFLICT} }
    failed { entityType entityId error code field clientId changeId index retryable retryAfterMs }
    serverTimestamp
    processedCount
  }
}`;

const push = async (
  caller: Caller,
  input: Record<string, unknown>,
  fields = `${PLAIN} data`,
): Promise<Loose> => (await caller.data(sync(fields), { input })).bulkSync;

const AT = '2024-05-01T12:00:00.000Z';
const later = (minutes: number) => new Date(Date.parse(AT) + minutes * 60_000).toISOString();
const row = (operation: string, syncVersion: number, fields: Record<string, unknown>, at = AT) => ({
  operation,
  syncVersion,
  clientTimestamp: at,
  ...fields,
});
const create = (fields: Record<string, unknown>) => {
  const id = randomUUID();
  return { ...row('CREATE', 0, { id, ...fields }), id };
};
const trip = (fields: Record<string, unknown> = {}) => create({ name: 'Brittany', startDate: AT, ...fields });

async function tripWithMemory(caller: Caller, fields: Record<string, unknown> = {}) {
  const parent = trip();
  const memory = create({ title: 'Lighthouse', content: 'Tall and white.', tripId: parent.id, ...fields });
  await push(caller, { trips: [parent], memories: [memory] });
  return { tripId: parent.id, memoryId: memory.id };
}

test('C3 all seven types, given children first, are applied in one call', async () => {
  const caller = await server.caller();
  const [parent, category] = [trip(), create({ name: 'Sights' })];
  const tag = create({ name: 'Lighthouse', categoryId: category.id });
  const wish = create({ name: 'Ushant', latitude1: 48.46, longitude1: -5.1 });
  const track = create({ tripId: parent.id, name: 'Coast', totalDistance: 12.5, totalPoints: 3 });
  const memory = create({
    title: 'Créac’h',
    tripId: parent.id,
    tagIds: [tag.id],
    bucketListItemId: wish.id,
    gpxTrackId: track.id,
  });
  const media = create({
    memoryId: memory.id,
    objectName: 'a.jpg',
    mediaType: 'image/jpeg',
    timestamp: AT,
    order: 0,
    filesize: 5,
  });
  const answer = await push(caller, {
    gpxTracks: [track],
    mediaItems: [media],
    memories: [memory],
    trips: [parent],
    bucketListItems: [wish],
    tags: [tag],
    tagCategories: [category],
  });
  expect(answer).toMatchObject({ conflicts: [], failed: [], processedCount: 7 });
  expect(
    answer.successful.map((one: Loose) => [
      one.entityType,
      one.entityId,
      one.syncVersion,
      one.outcome,
      one.data,
    ]),
  ).toEqual(
    [
      ['TagCategory', category],
      ['Tag', tag],
      ['BucketListItem', wish],
      ['Trip', parent],
      ['Memory', memory],
      ['MediaItem', media],
      ['GPXTrack', track],
    ].map(([type, { id }]: Loose) => [type, id, 1, 'applied', null]),
  );
});

test('C5 a call that is sent again is answered again, and nothing is made twice', async () => {
  const caller = await server.caller();
  const parent = { ...trip(), changeId: randomUUID() };
  // No id and no changeId: the row is known by its call, and the call by its content.
  const nameless = row('CREATE', 0, { title: 'No id', tripId: parent.id, clientId: 'local-7' });
  const input = { trips: [parent], memories: [nameless, nameless] };
  const first = await push(caller, input);
  const second = await push(caller, input);
  expect(first.successful.map((one: Loose) => one.replayed)).toEqual([false, false, false]);
  expect(second.successful).toEqual(first.successful.map((one: Loose) => ({ ...one, replayed: true })));
  expect(first.successful[0].changeId).toBe(parent.changeId);
  expect(first.successful.map((one: Loose) => [one.clientId, one.index])).toEqual([
    [null, 0],
    ['local-7', 0],
    ['local-7', 1],
  ]);
  expect(new Set(first.successful.map((one: Loose) => one.entityId)).size).toBe(3);
});

test('a merge says so, and gives its new version only together with the record', async () => {
  const owner = await server.caller();
  const { memoryId } = await tripWithMemory(owner);
  await push(owner, { memories: [row('UPDATE', 1, { id: memoryId, title: 'Le phare' })] });
  const other = row('UPDATE', 1, { id: memoryId, address: 'Penmarc’h' });
  const answer = await push(owner, { deviceId: 'tablet', memories: [other] });
  const [merged] = answer.successful;
  expect(merged).toMatchObject({
    outcome: 'merged',
    syncVersion: 3,
    mergedFields: ['address'],
    conflictId: null,
  });
  expect(JSON.parse(merged.data)).toMatchObject({
    id: memoryId,
    syncVersion: 3,
    title: 'Le phare',
    address: 'Penmarc’h',
    content: 'Tall and white.',
  });
  const blindly = await push(
    owner,
    { memories: [row('UPDATE', 1, { id: memoryId, weatherJSON: '{}' })] },
    PLAIN,
  );
  expect(blindly.successful).toMatchObject([
    { outcome: 'merged', syncVersion: null, updatedAt: expect.any(String) },
  ]);
});

test('a conflict that was decided at once is a success with a conflict, under the names of the wire', async () => {
  const caller = await server.caller();
  const { memoryId } = await tripWithMemory(caller);
  await push(caller, {
    deviceId: 'a',
    memories: [row('UPDATE', 1, { id: memoryId, date: later(5) }, later(10))],
  });
  const early = row('UPDATE', 1, { id: memoryId, date: later(7) }, later(9));
  const answer = await push(caller, { deviceId: 'b', memories: [early] });
  expect(answer).toMatchObject({ conflicts: [], failed: [] });
  const [decided] = answer.successful;
  expect(decided).toMatchObject({ outcome: 'conflict', winner: 'server', conflictId: expect.any(String) });
  expect(JSON.parse(decided.data)).toMatchObject({ date: later(5) });
  const { getConflicts } = await caller.data(`{ getConflicts { ${CONFLICT} } }`);
  expect(getConflicts).toMatchObject([
    {
      id: decided.conflictId,
      entityType: 'Memory',
      entityId: memoryId,
      conflictedFields: ['date'],
      status: 'resolved',
    },
  ]);
  expect(JSON.parse(getConflicts[0].localData)).toMatchObject({ date: later(5), title: 'Lighthouse' });
  expect(JSON.parse(getConflicts[0].remoteData)).toEqual({ date: later(7) });
});

test('a refused row names the field as the wire does', async () => {
  const caller = await server.caller();
  const { tripId, memoryId } = await tripWithMemory(caller);
  const answer = await push(caller, {
    memories: [
      row('UPDATE', 1, { id: memoryId, content: 7, clientId: 'x' }),
      row('UPDATE', 1, { id: memoryId, title: null }),
      row('UPDATE', 9, { id: memoryId, title: 'from the future' }),
      create({ tripId, content: 'no title' }),
      row('UPDATE', 1, { id: randomUUID(), title: 'nobody’s' }),
    ],
    trips: [row('UPDATE', 1, { id: tripId, endDate: '2020-01-01T00:00:00.000Z' })],
    tags: [create({ name: 'x', isSystemTag: true })],
  });
  expect(answer.successful).toEqual([]);
  const failed = answer.failed.map((one: Loose) => [
    one.entityType,
    one.index,
    one.code,
    one.field,
    one.retryable,
  ]);
  expect(failed.filter(([type]: string[]) => type === 'Memory')).toEqual([
    ['Memory', 0, 'INVALID', 'content', false],
    ['Memory', 1, 'INVALID', 'title', false],
    ['Memory', 2, 'VERSION_FROM_FUTURE', null, false],
    ['Memory', 3, 'INVALID', 'title', false],
    ['Memory', 4, 'FORBIDDEN', null, false],
  ]);
  expect(failed).toContainEqual(['Tag', 0, 'INVALID', 'isSystemTag', false]);
  expect(answer.failed.find((one: Loose) => one.field === 'content').error).toContain(' content ');
  expect(answer.failed.find((one: Loose) => one.field === 'content').clientId).toBe('x');
});

test('rows about the records of strangers are answered like rows about none', async () => {
  const { memoryId, tripId } = await tripWithMemory(await server.caller());
  const stranger = await server.caller();
  const rows = (id: string, parent: string) => ({
    memories: [
      row('UPDATE', 1, { id, title: 'mine' }),
      row('DELETE', 1, { id }),
      create({ title: 'mine', tripId: parent }),
    ],
    trips: [row('DELETE', 1, { id: parent })],
  });
  const shape = ({ successful, conflicts, failed }: Loose) => ({
    successful: successful.map((one: Loose) => [one.entityType, one.index]),
    conflicts: conflicts.map((one: Loose) => [one.entityType, one.index, one.conflictType, one.localData]),
    failed: failed.map((one: Loose) => [one.entityType, one.index, one.code, one.error]),
  });
  const foreign = shape(await push(stranger, rows(memoryId, tripId)));
  const unknown = shape(await push(stranger, rows(randomUUID(), randomUUID())));
  expect(foreign.successful).toEqual([]);
  expect(foreign.failed.map(([, , code]: string[]) => code)).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN']);
  expect(foreign).toEqual(unknown);
  const taken = await push(stranger, {
    memories: [row('CREATE', 0, { id: memoryId, title: 'mine', tripId })],
  });
  expect(taken.failed).toMatchObject([{ code: 'FORBIDDEN', error: unknown.failed[0][3] }]);
});

test('the location of a memory: as one thing, as its parts, and cleared', async () => {
  const caller = await server.caller();
  const parent = trip();
  const place = { latitude: 48.1, longitude: -4.2, name: 'Douarnenez' };
  const rows = [
    create({ title: 'none', tripId: parent.id }),
    create({ title: 'location', tripId: parent.id, location: place }),
    create({ title: 'both', tripId: parent.id, latitude: 1, address: 'elsewhere', location: place }),
    create({ title: 'parts', tripId: parent.id, latitude: 1, longitude: 2, address: 'here' }),
  ];
  await push(caller, { trips: [parent], memories: rows });
  const read = async () => {
    const query = `{ enhancedSync(lastSyncedAt: "${AT}") { memories { title latitude longitude locationName address location { latitude longitude name } } } }`;
    const { memories } = (await caller.data(query)).enhancedSync;
    return Object.fromEntries(memories.map(({ title, ...rest }: Loose) => [title, rest]));
  };
  const nowhere = { latitude: 0, longitude: 0, locationName: null, address: null, location: null };
  const there = {
    latitude: 48.1,
    longitude: -4.2,
    locationName: 'Douarnenez',
    address: 'Douarnenez',
    location: place,
  };
  expect(await read()).toMatchObject({
    none: nowhere,
    location: there,
    both: there,
    parts: { latitude: 1, location: { name: 'here' } },
  });
  await push(caller, {
    memories: [
      row('UPDATE', 1, { id: rows[1]!.id, location: null }),
      row('UPDATE', 1, { id: rows[2]!.id, latitude: 5, location: { ...place, longitude: 6 } }),
    ],
  });
  expect(await read()).toMatchObject({ location: nowhere, both: { latitude: 5, longitude: 6 } });
});

test('C9 a tag that was made on two devices becomes one, under the id that is answered', async () => {
  const caller = await server.caller();
  const [first, second] = [create({ name: 'Beach' }), create({ name: ' beach', color: 'blue' })];
  await push(caller, { tags: [first] });
  const { successful } = await push(caller, { tags: [second] });
  expect(successful).toMatchObject([{ entityId: second.id, canonicalId: first.id }]);
});

test('a change that waits for its parent is among the conflicts', async () => {
  const caller = await server.caller();
  const lost = create({ title: 'too early', tripId: randomUUID(), clientId: 'c1' });
  const { successful, conflicts, failed } = await push(caller, { memories: [lost] });
  expect([successful, failed]).toEqual([[], []]);
  expect(conflicts).toMatchObject([
    {
      entityType: 'Memory',
      entityId: lost.id,
      conflictType: 'DEPENDENCY_CONFLICT',
      localData: 'null',
      status: 'pending',
      clientId: 'c1',
      index: 0,
    },
  ]);
});
