/** Gaps A: the sketch of the plan does not compile, build or run as written. Here each of its promises runs. */
import { createRegistry } from '@ackord/core';
import { travelDomain } from '@ackord/travel';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { takeBackMigrations } from '../../packages/server/src/store/migrate-database.ts';
import { openPostgresStore } from '../../packages/server/src/store/postgres-store.ts';
import { getTestPostgres, type TestDatabase } from '../support/postgres.ts';
import {
  AT,
  CONFLICTS,
  codeOf,
  create,
  type Ground,
  journal,
  type Loose,
  later,
  media,
  memory,
  NEVER,
  type Person,
  PUSH,
  pushed,
  remove,
  resolve,
  seen,
  startTravel,
  TYPES,
  track,
  trip,
  update,
} from './ground.ts';

let ground: Ground;
let person: Person;
let tablet: Person;
beforeAll(async () => {
  ground = await startTravel({ CONFLICT_RESOLUTION_STRATEGY: 'MANUAL_RESOLUTION' });
  person = await ground.person();
  tablet = person.on('tablet');
});
afterAll(() => ground.close());

test('A1 every optional argument may be left out, be null, or be given', async () => {
  const own = await ground.person();
  const { input, note } = journal();
  await pushed(own, input);
  await pushed(own, { memories: [update(note.id, 1, { address: 'Ouessant' })] });
  const { conflicts } = await own
    .on('tablet')
    .push({ memories: [update(note.id, 1, { address: 'Penmarc’h' })] });

  const bare = await own.data(
    `{ enhancedSync(lastSyncedAt: "${NEVER}") { totalCount } getConflicts { id } }`,
  );
  expect(bare).toEqual({ enhancedSync: { totalCount: 7 }, getConflicts: [{ id: conflicts[0].id }] });
  const nulls = await own.pull({ cursor: null, batchSize: null, entityTypes: null, syncPriority: null });
  expect(nulls).toMatchObject({ totalCount: 7, batchSize: 100 });
  const all = await own.pull({ batchSize: 7, entityTypes: ['Memory'], syncPriority: 'LOW' });
  expect(all).toMatchObject({ totalCount: 1, batchSize: 7 });
  expect((await own.data(CONFLICTS, { entityType: 'Memory', limit: 1 })).getConflicts).toHaveLength(1);
  expect((await resolve(own, conflicts[0].id, 'FIRST_WRITE_WINS')).errors).toEqual([]);
});

test('A2 the five enums are in the schema, and come back in answers', async () => {
  const names = ['SyncStatus', 'SyncPriority', 'SyncOperation', 'ConflictType', 'ConflictResolutionStrategy'];
  const document = `{ ${names.map((name) => `${name}: __type(name: "${name}") { kind enumValues { name } }`).join(' ')} }`;
  const types = await person.data(document);
  const valuesOf = (name: string) => types[name].enumValues.map((value: Loose) => value.name).join(' ');
  expect(names.map((name) => types[name].kind)).toEqual(names.map(() => 'ENUM'));
  expect(valuesOf('SyncStatus')).toBe(
    'IN_SYNC NEEDS_UPLOAD NEEDS_DOWNLOAD UPLOADING DOWNLOADING SYNC_ERROR FILES_PENDING CONFLICT',
  );
  expect(valuesOf('SyncPriority')).toBe('LOW NORMAL HIGH CRITICAL');
  expect(valuesOf('SyncOperation')).toBe('CREATE UPDATE DELETE');
  expect(valuesOf('ConflictType')).toBe(
    'VERSION_MISMATCH CONCURRENT_MODIFICATION DEPENDENCY_CONFLICT DELETION_CONFLICT',
  );
  expect(valuesOf('ConflictResolutionStrategy')).toBe(
    'LAST_WRITE_WINS FIRST_WRITE_WINS MANUAL_RESOLUTION KEEP_BOTH',
  );

  const parent = trip({ syncPriority: 'HIGH' });
  await pushed(person, { trips: [parent] });
  expect(await seen(tablet, 'trips', parent)).toMatchObject({ syncStatus: 'IN_SYNC', syncPriority: 'HIGH' });
});

test('A3 a track whose creator is a text arrives with it', async () => {
  const parent = trip();
  const way = track(parent.id, {
    creator: 'Garmin Edge 530',
    trackType: 'cycling',
    startTime: AT,
    endTime: later(90),
    totalDistance: 31_415.9,
    totalDuration: 5_400,
    averageSpeed: 5.8,
    maxSpeed: 14.25,
    elevationGain: 310,
    elevationLoss: 305.5,
    minElevation: -2,
    maxElevation: 171,
    totalPoints: 5_400,
  });
  await pushed(person, { trips: [parent], gpxTracks: [way] });
  const { operation: _o, syncVersion: _v, clientTimestamp: _t, ...sent } = way;
  expect(await seen(tablet, 'gpxTracks', way)).toMatchObject(sent);
});

test('A4 an update of content, date and address reaches the other device under all names', async () => {
  const parent = trip();
  const note = memory(parent.id, { content: 'White.', date: AT, address: 'Here' });
  await pushed(person, { trips: [parent], memories: [note] });
  const edit = { content: 'Red and white.', date: later(3), address: 'There' };
  await pushed(person, { memories: [update(note.id, 1, edit)] });
  expect(await seen(tablet, 'memories', note)).toMatchObject({
    ...edit,
    text: edit.content,
    timestamp: edit.date,
    locationName: edit.address,
    syncVersion: 2,
  });
});

test('A5 a memory can be created with and without content, date and place', async () => {
  const parent = trip();
  const [bare, full] = [
    memory(parent.id),
    memory(parent.id, { content: 'White.', date: AT, latitude: 48.4, longitude: -5.1, address: 'Ouessant' }),
  ];
  await pushed(person, { trips: [parent], memories: [bare, full] });
  expect(await seen(tablet, 'memories', bare)).toMatchObject({
    content: null,
    latitude: 0,
    longitude: 0,
    address: null,
    date: expect.stringMatching(/Z$/),
  });
  expect(await seen(tablet, 'memories', full)).toMatchObject({
    content: 'White.',
    date: AT,
    latitude: 48.4,
    longitude: -5.1,
    address: 'Ouessant',
  });
});

test('A6 a deletion of each type leaves the lists, is told as deleted, and keeps a tombstone', async () => {
  const own = await ground.person();
  const { input, ...rows } = journal();
  await pushed(own, input);
  const { nextCursor } = await own.on('tablet').pull();
  const children = { mediaItems: [rows.picture], gpxTracks: [rows.way], memories: [rows.note] };
  const parents = {
    trips: [rows.parent],
    bucketListItems: [rows.wish],
    tags: [rows.tag],
    tagCategories: [rows.category],
  };
  for (const part of [children, parents]) {
    const gone = Object.entries(part).map(([list, [row]]) => [list, [remove(row!.id, 1)]]);
    await pushed(own, Object.fromEntries(gone));
  }
  const page = await own.on('tablet').pull({ cursor: nextCursor });
  for (const { list } of Object.values(TYPES)) {
    expect([list, page[list], page.deleted[list]]).toEqual([list, [], [input[list][0]!.id]]);
  }
  const graves = await ground.sql(
    'SELECT type, version, deleted_at, tombstone FROM record WHERE id = ANY ($1)',
    [Object.values(rows).map(({ id }) => id)],
  );
  expect(graves).toHaveLength(7);
  for (const grave of graves) {
    expect(grave).toMatchObject({ version: 2, deleted_at: expect.any(Date), tombstone: { kind: 'deleted' } });
  }
});

test('A7 a conflict is complete, and the rest of the answer stands beside it', async () => {
  const parent = trip();
  const [note, other] = [memory(parent.id, { content: 'White.' }), memory(parent.id)];
  await pushed(person, { trips: [parent], memories: [note] });
  await pushed(person, { memories: [update(note.id, 1, { address: 'Ouessant' })] });
  const answer = await tablet.push({ memories: [update(note.id, 1, { address: 'Molène' }), other] });
  expect(answer.successful).toMatchObject([{ entityId: other.id }]);
  expect(answer.conflicts).toEqual([
    {
      id: expect.any(String),
      entityType: 'Memory',
      entityId: note.id,
      conflictType: 'VERSION_MISMATCH',
      localVersion: 2,
      remoteVersion: 1,
      localData: expect.any(String),
      remoteData: '{"address":"Molène"}',
      baseData: expect.stringContaining('"address":null'),
      conflictedFields: ['address'],
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      status: 'pending',
      strategy: 'MANUAL_RESOLUTION',
      winner: null,
      resolvedAt: null,
      clientId: null,
      index: 0,
    },
  ]);
  expect(JSON.parse(answer.conflicts[0].localData)).toMatchObject({ address: 'Ouessant', content: 'White.' });
});

describe('A8', () => {
  const tablesIn = async (database: TestDatabase): Promise<string[]> => {
    const client = new pg.Client({ connectionString: database.ownerUrl });
    await client.connect();
    const { rows } = await client.query(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = 'ackord' AND c.relkind IN ('r', 'p') ORDER BY 1`,
    );
    await client.end();
    return rows.map(({ name }) => name);
  };

  test('A8 migrations make all tables, are noted, can be taken back, and run again', async () => {
    const registry = createRegistry([travelDomain]);
    const database = await (await getTestPostgres()).createDatabase();
    const up = async () => {
      const opened = await openPostgresStore({ ...database, registry, log: () => {} });
      await opened.close();
      return tablesIn(database);
    };
    const tables = await up();
    for (const name of ['record', 'scope', 'sync_log', 'sync_conflict', 'receipt', 'member', 'app_user'])
      expect(tables).toContain(name);
    const names = await takeBackMigrations({ ...database, to: 0, log: () => {} });
    expect(names.at(-1)).toBe('initial');
    expect(await tablesIn(database)).toEqual(['migration']);
    expect(await up()).toEqual(tables);
    await database.drop();
  });

  test('A8 all seven types lie in the same tables, so that a new one changes none under running servers', async () => {
    const own = await ground.person();
    await pushed(own, journal().input);
    const types = await ground.sql('SELECT DISTINCT type FROM record WHERE created_by = $1', [own.userId]);
    expect(types).toHaveLength(7);
    const tables = await tablesIn(ground.server.database);
    for (const name of ['trip', 'memory', 'tag', 'media_item']) expect(tables).not.toContain(name);
  });

  test('A8 two servers work on one database side by side, and one of them may go', async () => {
    const other = await startTravel({}, ground.server);
    const own = await ground.person();
    const { input, note } = journal();
    await pushed(own, input);
    const there = other.guest(own).on('tablet');
    expect(await seen(there, 'memories', note)).toMatchObject({ id: note.id });
    await pushed(there, { memories: [update(note.id, 1, { title: 'Le phare' })] });
    await other.close();
    expect(await seen(own, 'memories', note)).toMatchObject({ title: 'Le phare', syncVersion: 2 });
  });
});

test('A9 a batch of 1,000 rows of all types, several times 100 kB, is one call', async () => {
  const own = await ground.person();
  const parents = Array.from({ length: 50 }, (_, at) => trip({ name: `Trip ${at}` }));
  const parentOf = (at: number) => parents[at % parents.length]!.id;
  const memories = Array.from({ length: 450 }, (_, at) =>
    memory(parentOf(at), { content: `Day ${at}. ${'Waves. '.repeat(40)}` }),
  );
  const input = {
    trips: parents,
    memories,
    mediaItems: Array.from({ length: 300 }, (_, at) => media(memories[at]!.id)),
    gpxTracks: Array.from({ length: 100 }, (_, at) => track(parentOf(at))),
    tags: Array.from({ length: 50 }, (_, at) => create({ name: `Tag ${at}` })),
    tagCategories: Array.from({ length: 20 }, (_, at) => create({ name: `Category ${at}` })),
    bucketListItems: Array.from({ length: 30 }, (_, at) => create({ name: `Wish ${at}` })),
  };
  expect(JSON.stringify(input).length).toBeGreaterThan(3 * 100 * 1024);
  const answer = await pushed(own, input);
  expect([answer.processedCount, answer.successful.length]).toEqual([1_000, 1_000]);
  const page = await own.on('tablet').pull();
  expect(Object.values(TYPES).map(({ list }) => page[list].length)).toEqual([20, 50, 30, 50, 450, 300, 100]);
});

describe('A10 ids that are none', () => {
  test('A10 spoil their row alone, also as the id of a parent', async () => {
    const own = await ground.person();
    const parent = trip();
    const note = memory(parent.id);
    const answer = await own.push({
      trips: [parent],
      memories: [
        { ...memory(parent.id), id: 'memory-1' },
        { ...update('memory-2', 1, { title: 'x' }) },
        { ...remove('memory-3', 1) },
        memory('trip-1'),
        memory(''),
        note,
      ],
    });
    expect(answer.failed.map((one: Loose) => [one.index, one.code, one.field])).toEqual([
      [0, 'INVALID', 'id'],
      [1, 'INVALID', 'id'],
      [2, 'INVALID', 'id'],
      [3, 'INVALID', 'tripId'],
      [4, 'INVALID', 'tripId'],
    ]);
    expect(answer.processedCount).toBe(7);
    const page = await own.on('tablet').pull();
    expect([page.totalCount, page.memories[0].id]).toEqual([2, note.id]);
  });

  test('A10 an argument that is no id is refused with a code', async () => {
    const bad = await person.ask('query M($id: ID!) { getTripMembers(tripId: $id) { id } }', {
      id: 'trip-1',
    });
    expect([bad.status, codeOf(bad)]).toEqual([200, 'FORBIDDEN']);
    expect(codeOf(await resolve(person, 'conflict-1', 'KEEP_BOTH'))).toBe('FORBIDDEN');
    expect(codeOf(await person.ask(PUSH, { input: { trips: 'all' } }))).not.toBe('INTERNAL');
  });
});
