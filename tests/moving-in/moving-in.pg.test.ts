import { derivedUuid } from '@ackord/core';
import { travelDomain, travelGraphQL } from '@ackord/travel';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GraphQLServer, type Loose, startGraphQL } from '../support/graphql.ts';
import {
  ALPS,
  ANNA,
  ANNAS,
  BEACH,
  BEN,
  CLEO,
  EMPTY,
  FIRST_DAY,
  fill,
  HUT,
  MEDIA,
  PASSWORD,
  PEAK,
  RAIN,
  SEA,
  SUN,
  TRACK,
  UNUSED,
  WEATHER,
  WISH,
} from './filled.ts';
import { idOf, type OldServer, startOldServer } from './old-server.ts';
import { countsOf, moveFrom, stateOf } from './support.ts';

let old: OldServer;
let server: GraphQLServer;

beforeAll(async () => {
  old = await startOldServer();
  await fill(old);
  server = await startGraphQL({
    domains: [travelDomain],
    graphql: [{ ...travelGraphQL, path: '/graphql' }],
  });
});

afterAll(async () => {
  await server?.close();
  await old?.close();
});

const LOGIN = `mutation ($input: UserInput!) { login(input: $input) { token user { id username } } }`;
const SYNC = `query ($since: DateTime!) { sync(lastSyncedAt: $since) {
  trips { id name createdAt startDate endDate totalDistance coverImageObjectName }
  memories { id title text timestamp createdAt tripId latitude weatherJSON userId tags { id name } }
  tags { id name categoryId usageCount isSystemTag }
  tagCategories { id name isSystemCategory }
  bucketListItems { id name isDone latitude1 }
  mediaItems { id filename fileSize memory { id } }
  gpxTracks { id name totalDistance totalPoints startTime tripId }
  deleted { trips memories tags tagCategories bucketListItems mediaItems gpxTracks }
} }`;
const BEGINNING = '0001-01-01T00:00:00.000Z';

async function signIn(email: string): Promise<string> {
  const answer = await server.anonymous()(LOGIN, { input: { email, password: PASSWORD } });
  expect(answer.errors).toEqual([]);
  return answer.data.login.token;
}

async function ask(token: string, query: string, variables: Record<string, unknown> = {}): Promise<Loose> {
  const answer = await server.anonymous()(query, variables, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(answer.errors).toEqual([]);
  return answer.data;
}

const syncOf = async (token: string): Promise<Loose> => (await ask(token, SYNC, { since: BEGINNING })).sync;
const idsOf = (list: readonly { id: string }[]): string[] => list.map(({ id }) => id).sort();
const byId = (list: readonly { id: string }[], id: string): Loose => list.find((one) => one.id === id);

async function rowsOf(text: string): Promise<Loose[]> {
  const client = new pg.Client({ connectionString: server.database.ownerUrl });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const BENS_TRIPS = [ALPS, SEA].sort();

test('a dry run counts, and writes nothing', async () => {
  const before = await stateOf(server.database);
  const report = await moveFrom(old, server.database, { isDryRun: true });
  expect(countsOf(report)).toMatchObject({
    User: { read: 4, created: 3, leftOut: 1 },
    Memory: { read: 9, created: 4, leftOut: 5 },
    Trip: { created: 2, leftOut: 2 },
    'Route points': { read: 4, created: 3, leftOut: 1 },
  });
  expect(await stateOf(server.database)).toEqual(before);
  expect(await rowsOf('SELECT id FROM ackord.app_user')).toEqual([]);
});

describe('the first run', () => {
  test('takes over what can be, and names what cannot, by table and id', async () => {
    const report = await moveFrom(old, server.database);
    expect(countsOf(report)).toMatchObject({
      User: { read: 4, created: 3, leftOut: 1 },
      Trip: { read: 4, created: 2, leftOut: 2 },
      TripMembership: { read: 4, created: 3, leftOut: 1 },
      TagCategory: { read: 2, created: 2, leftOut: 0 },
      'TagCategory (copies)': { read: 1, created: 1 },
      Tag: { read: 4, created: 4, leftOut: 0 },
      'Tag (copies)': { read: 1, created: 1 },
      BucketListItem: { read: 2, created: 1, leftOut: 1 },
      Memory: { read: 9, created: 4, leftOut: 5 },
      MediaItem: { read: 3, created: 1, leftOut: 2 },
      GPXTrack: { read: 1, created: 1, leftOut: 0 },
    });
    const problems = Object.fromEntries(
      report.problems.map(({ table, id, reason }) => [`${table} ${id}`, reason]),
    );
    expect(problems[`user ${idOf('user', 4)}`]).toContain(
      `that of the user ${CLEO}, who came in by this same run`,
    );
    expect(problems[`trip ${idOf('trip', 3)}`]).toContain('no owner');
    expect(problems[`trip ${idOf('trip', 4)}`]).toContain('endDate');
    expect(problems[`memory ${idOf('memory', 5)}`]).toContain('timestamp');
    expect(problems[`memory ${idOf('memory', 6)}`]).toContain('timestamp');
    expect(problems[`memory ${idOf('memory', 7)}`]).toContain('latitude');
    expect(problems[`memory ${idOf('memory', 8)}`]).toContain('trip');
    expect(report.along).toContainEqual({ table: 'memory', rows: 1 });
    expect(problems[`media_item ${idOf('media', 2)}`]).toContain('memory');
    expect(problems[`bucket_list_item ${idOf('wish', 2)}`]).toContain('creator');
    expect(report.problemCount).toBe(report.problems.length);
    expect(report.notes.join('\n')).toContain(`Tag ${SUN}: 2 users use it; ${BEN} keeps it`);
    expect(report.notes.join('\n')).toContain(`Tag ${UNUSED}: nobody uses it`);
  });

  test('an owner gets everything by sync, with ids, stamps and fields as they were', async () => {
    const all = await syncOf(await signIn('anna@example.org'));
    expect(idsOf(all.trips)).toEqual([ALPS]);
    expect(byId(all.trips, ALPS)).toMatchObject({
      name: 'Alps',
      createdAt: '2023-05-06T07:08:09.123Z',
      startDate: '2023-06-01T00:00:00.000Z',
      totalDistance: 12.5,
      coverImageObjectName: `trip-${ALPS}/cover.jpg`,
    });
    expect(idsOf(all.memories)).toEqual([HUT, PEAK].sort());
    expect(byId(all.memories, HUT)).toMatchObject({
      text: 'Käse\n🧀',
      weatherJSON: '{"temperature":4}',
      userId: BEN,
      createdAt: '2023-05-06T07:08:09.123Z',
    });
    expect(all.mediaItems).toMatchObject([
      { id: MEDIA, filename: 'media/1.jpg', fileSize: 2_147_483_647, memory: { id: HUT } },
    ]);
    expect(all.gpxTracks).toMatchObject([
      { id: TRACK, totalDistance: 4_321.5, totalPoints: 9, tripId: ALPS },
    ]);
    expect(all.bucketListItems).toMatchObject([{ id: WISH, isDone: true, latitude1: 45.97 }]);
  });

  test('the year 1 is a year, but nothing was made in it', async () => {
    const all = await syncOf(await signIn('ben@example.org'));
    expect(byId(all.memories, FIRST_DAY)).toMatchObject({
      timestamp: BEGINNING,
      createdAt: expect.stringMatching(/^20/),
    });
  });

  test('tags go to those who use them, and memories name their own', async () => {
    const [anna, ben, cleo] = [
      await syncOf(await signIn('anna@example.org')),
      await syncOf(await signIn('ben@example.org')),
      await syncOf(await signIn('cleo@example.org')),
    ];
    const annasSun = derivedUuid('moved', 'Tag', SUN, ANNA);
    expect(idsOf(ben.tags)).toEqual([SUN]);
    expect(idsOf(anna.tags)).toEqual([annasSun, RAIN, UNUSED].sort());
    expect(idsOf(cleo.tags)).toEqual([ANNAS]);
    expect(byId(anna.tags, annasSun)).toMatchObject({ name: 'sun', usageCount: 7, isSystemTag: true });
    const tagsOf = (list: Loose, memory: string) => idsOf(byId(list.memories, memory).tags);
    expect(tagsOf(anna, PEAK)).toEqual([annasSun, RAIN].sort());
    expect(tagsOf(ben, BEACH)).toEqual([SUN]);
    // Anna has two tags in the category, Ben one: she keeps it.
    expect(idsOf(anna.tagCategories)).toEqual([WEATHER, EMPTY].sort());
    const bens = derivedUuid('moved', 'TagCategory', WEATHER, BEN);
    expect(ben.tagCategories).toMatchObject([{ id: bens, name: 'Weather', isSystemCategory: true }]);
    expect(byId(ben.tags, SUN).categoryId).toBe(bens);
    expect(byId(anna.tags, RAIN).categoryId).toBe(WEATHER);
  });

  test('roles are what they were; strangers see nothing', async () => {
    const ben = await signIn('ben@example.org');
    expect(idsOf((await syncOf(ben)).trips)).toEqual(BENS_TRIPS);
    const members = await ask(ben, `query ($id: ID!) { getTripMembers(tripId: $id) { userId role } }`, {
      id: ALPS,
    });
    expect(new Map(members.getTripMembers.map((one: Loose) => [one.userId, one.role]))).toEqual(
      new Map([
        [ANNA, 'OWNER'],
        [BEN, 'EDITOR'],
        [CLEO, 'VIEWER'],
      ]),
    );
    expect(idsOf((await syncOf(await signIn('cleo@example.org'))).trips)).toEqual([ALPS]);
  });

  test('apps are told what was deleted before', async () => {
    const anna = (await syncOf(await signIn('anna@example.org'))).deleted;
    const cleo = (await syncOf(await signIn('cleo@example.org'))).deleted;
    const gone = (type: string) => idOf(`deleted ${type}`, 1);
    expect(anna).toMatchObject({
      trips: [gone('Trip')],
      memories: [gone('Memory')],
      mediaItems: [gone('MediaItem')],
      gpxTracks: [gone('GPXTrack')],
    });
    expect(cleo).toMatchObject({
      tags: [gone('Tag')],
      tagCategories: [gone('TagCategory')],
      bucketListItems: [gone('BucketListItem')],
      memories: [gone('Memory')],
    });
  });

  test('recorded points are there, and those of a segment are its own', async () => {
    const anna = await signIn('anna@example.org');
    const { routePoints } = await ask(
      anna,
      `query ($id: ID!) { routePoints(tripId: $id) { latitude longitude altitude speed timestamp } }`,
      { id: ALPS },
    );
    expect(routePoints).toMatchObject([
      { longitude: 8.01, altitude: null, timestamp: '2023-06-01T10:00:01.000Z' },
      { longitude: 8.02, altitude: 1_000, speed: 1.5 },
    ]);
    const { gpxTrack } = await ask(
      anna,
      `query ($id: ID!) { gpxTrack(id: $id) { segments { id distance points { longitude } } } }`,
      { id: TRACK },
    );
    expect(gpxTrack.segments).toMatchObject([
      { id: idOf('segment', 1), distance: 100, points: [{ longitude: 8.03 }] },
    ]);
  });

  test('the old password opens, and is kept as scrypt from then on; names and roles came along', async () => {
    await signIn('Anna@example.org');
    const [anna] = await rowsOf(`SELECT * FROM ackord.app_user WHERE id = '${ANNA}'`);
    expect(anna.password_hash).toMatch(/^scrypt\$/);
    expect(anna).toMatchObject({ username: 'anna', first_name: 'Anna', roles: ['admin', 'writer'] });
    expect(anna.created_at.toISOString()).toBe('2020-01-01T00:00:00.000Z');
    await signIn('anna@example.org');
  });
});

test('further runs move nothing', async () => {
  const before = await stateOf(server.database);
  for (const _ of [2, 3]) {
    const counts = countsOf(await moveFrom(old, server.database));
    for (const [name, { created, changed, deleted }] of Object.entries(counts))
      expect([name, created, changed, deleted]).toEqual([name, 0, 0, 0]);
    expect(await stateOf(server.database)).toEqual(before);
  }
});

test('when what was taken over is forgotten, a run finds its own changes again', async () => {
  const before = await stateOf(server.database);
  await rowsOf('DELETE FROM ackord.moved_row');
  await moveFrom(old, server.database);
  expect(await stateOf(server.database)).toEqual(before);
});

describe('a later run', () => {
  test('brings what changed over there, and leaves what changed here', async () => {
    const anna = await signIn('anna@example.org');
    const update = `mutation ($id: String!, $input: UpdateMemoryInput!) { updateMemory(id: $id, input: $input) { id } }`;
    await ask(anna, update, { id: HUT, input: { title: 'Hut, edited here' } });
    await ask(anna, update, { id: PEAK, input: { title: 'Peak, edited here' } });
    await old.run(`UPDATE memory SET text = 'changed there', "updatedAt" = now() WHERE id = $1`, [HUT]);
    await old.run(`UPDATE trip SET name = 'Higher Alps' WHERE id = $1`, [ALPS]);
    await old.run(`DELETE FROM memory_tags_tag WHERE "memoryId" = $1 AND "tagId" = $2`, [PEAK, RAIN]);
    const report = await moveFrom(old, server.database);
    expect(countsOf(report)).toMatchObject({
      Memory: { created: 0, changed: 2 },
      Trip: { created: 0, changed: 1 },
      Tag: { changed: 0, deleted: 0 },
    });
    const all = await syncOf(anna);
    expect(byId(all.memories, HUT)).toMatchObject({ title: 'Hut, edited here', text: 'changed there' });
    expect(byId(all.memories, PEAK).title).toBe('Peak, edited here');
    expect(byId(all.memories, PEAK).tags).toHaveLength(1);
    expect(byId(all.trips, ALPS).name).toBe('Higher Alps');
  });

  test('the same field on both sides: the later edit stands, the other is in the journal', async () => {
    const ben = await signIn('ben@example.org');
    const update = `mutation ($id: String!, $input: UpdateMemoryInput!) { updateMemory(id: $id, input: $input) { id } }`;
    await ask(ben, update, { id: BEACH, input: { title: 'Beach here' } });
    await old.run(`UPDATE memory SET title = 'Beach there', "updatedAt" = '2023-01-01' WHERE id = $1`, [
      BEACH,
    ]);
    const report = await moveFrom(old, server.database);
    expect(report.counts.get('Memory')).toMatchObject({ changed: 0, kept: 1 });
    expect(byId((await syncOf(ben)).memories, BEACH).title).toBe('Beach here');
    const journal = await rowsOf(
      `SELECT 1 FROM ackord.sync_conflict WHERE entity_id = '${BEACH}' AND body::text LIKE '%Beach there%'`,
    );
    expect(journal.length).toBeGreaterThan(0);
  });

  test('there and back again is a change twice', async () => {
    const ben = await signIn('ben@example.org');
    for (const text of ['one way', null, 'one way']) {
      await old.run(`UPDATE memory SET text = $2, "updatedAt" = now() WHERE id = $1`, [FIRST_DAY, text]);
      await moveFrom(old, server.database);
      expect(byId((await syncOf(ben)).memories, FIRST_DAY).text).toBe(text);
    }
  });

  test('deletes what is deleted over there, with or without a line in the log', async () => {
    const anna = await signIn('anna@example.org');
    await old.run(`DELETE FROM media_item WHERE id = $1`, [MEDIA]);
    await old.run(`DELETE FROM tag WHERE id = $1`, [UNUSED]);
    await old.insert('deletion_log', { entityId: MEDIA, entityType: 'MediaItem', tripId: ALPS });
    await old.run(`DELETE FROM trip_membership WHERE "userId" = $1 AND "tripId" = $2`, [CLEO, ALPS]);
    const report = await moveFrom(old, server.database);
    expect(countsOf(report)).toMatchObject({
      MediaItem: { deleted: 1 },
      Tag: { deleted: 1 },
      TripMembership: { deleted: 1 },
    });
    const all = await syncOf(anna);
    expect(all.mediaItems).toEqual([]);
    expect(all.deleted.mediaItems).toContain(MEDIA);
    expect(all.deleted.tags).toContain(UNUSED);
    expect((await syncOf(await signIn('cleo@example.org'))).trips).toEqual([]);
    const again = await stateOf(server.database);
    await moveFrom(old, server.database);
    expect(await stateOf(server.database)).toEqual(again);
  });

  test('a trip that is gone over there goes with all that is in it', async () => {
    await old.run(
      `DELETE FROM memory_tags_tag WHERE "memoryId" IN (SELECT id FROM memory WHERE "tripId" = $1)`,
      [SEA],
    );
    await old.run(`DELETE FROM memory WHERE "tripId" = $1`, [SEA]);
    await old.run(`DELETE FROM trip_membership WHERE "tripId" = $1`, [SEA]);
    await old.run(`DELETE FROM trip WHERE id = $1`, [SEA]);
    const report = await moveFrom(old, server.database);
    expect(countsOf(report)).toMatchObject({ Trip: { deleted: 1 }, Memory: { deleted: 2 } });
    const all = await syncOf(await signIn('ben@example.org'));
    expect(idsOf(all.trips)).toEqual([ALPS]);
    expect(all.deleted.trips).toContain(SEA);
  });
});
