/** Gaps B: who may see and change what. Each effect is looked at from the side of the one who could be harmed. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  codeOf,
  create,
  type Ground,
  journal,
  type Loose,
  memory,
  NEVER,
  PULL,
  pushed,
  recordsIn,
  remove,
  seen,
  startTravel,
  TYPES,
  trip,
  update,
} from './ground.ts';
import { sharedTrip } from './shared-trip.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await startTravel({ CONFLICT_RESOLUTION_STRATEGY: 'MANUAL_RESOLUTION' });
});
afterAll(() => ground.close());

test('B1 nobody reads what belongs to others, whatever the arguments', async () => {
  const [one, other] = [await ground.person(), await ground.person()];
  const marked = (text: string) => {
    const { input } = journal();
    for (const rows of Object.values(input)) {
      for (const row of rows)
        Object.assign(
          row,
          'title' in row ? { title: text } : 'name' in row ? { name: text } : { objectName: text },
        );
    }
    return input;
  };
  await pushed(one, marked('alpha-secret'));
  await pushed(other, marked('beta-secret'));
  const argumentsOf = [
    {},
    { syncPriority: 'LOW' },
    { syncPriority: 'NORMAL' },
    { entityTypes: ['GPXTrack', 'Memory', 'Tag'] },
    { entityTypes: Object.keys(TYPES), syncPriority: 'LOW' },
    { since: '2020-01-01T00:00:00.000Z' },
    { since: new Date(Date.now() - 1_000).toISOString() },
  ];
  for (const args of argumentsOf) {
    const text = JSON.stringify(await one.pull(args));
    expect([text.includes('alpha-secret'), text.includes('beta-secret')]).toEqual([true, false]);
  }
  const wide = await one.data(
    `{ enhancedSync(lastSyncedAt: "${NEVER}") { trips { memories { title tags { name } mediaItems { s3Key } } gpxTracks { name } } } }`,
  );
  expect(JSON.stringify(wide)).not.toContain('beta-secret');
  const fresh = await ground.person();
  expect(recordsIn(await fresh.pull())).toEqual([]);
});

describe('B3', () => {
  test("B3 CREATE with somebody else's id changes nothing there and reveals nothing", async () => {
    const { owner, stranger, viewer, note, parent, tag, wish } = await sharedTrip(ground);
    const before = recordsIn(await owner.pull());
    const mine = trip();
    await pushed(stranger, { trips: [mine] });
    const rows = {
      trips: [{ ...trip({ name: 'Stolen' }), id: parent.id }],
      memories: [{ ...memory(mine.id, { title: 'Stolen' }), id: note.id }],
      tags: [{ ...create({ name: 'Stolen' }), id: tag.id }],
      bucketListItems: [{ ...create({ name: 'Stolen' }), id: wish.id }],
    };
    const answer = await stranger.push(rows);
    expect(answer).toMatchObject({ successful: [], conflicts: [] });
    expect(answer.failed.map((one: Loose) => [one.entityType, one.code])).toEqual([
      ['Tag', 'FORBIDDEN'],
      ['BucketListItem', 'FORBIDDEN'],
      ['Trip', 'FORBIDDEN'],
      ['Memory', 'FORBIDDEN'],
    ]);
    expect(JSON.stringify(answer)).not.toContain('Tall and white');
    expect((await viewer.push({ trips: rows.trips })).successful).toEqual([]);
    expect(recordsIn(await owner.on('other').pull())).toEqual(before);
    const copies = await ground.sql('SELECT scope_id FROM record WHERE id = ANY ($1)', [
      [parent.id, note.id, tag.id, wish.id],
    ]);
    expect(copies).toHaveLength(4);
  });

  test('B3 CREATE with the own id and the same content is a success that changes nothing', async () => {
    const own = await ground.person();
    const parent = trip();
    await pushed(own, { trips: [parent] });
    const before = await seen(own, 'trips', parent);
    const again = await pushed(own.on('tablet'), { trips: [{ ...parent, changeId: randomUUID() }] });
    expect(again.successful).toMatchObject([{ entityId: parent.id, syncVersion: 1, replayed: false }]);
    expect(await seen(own, 'trips', parent)).toEqual(before);
  });

  test('B3 CREATE with the own id and other content is a conflict, not an overwrite', async () => {
    const own = await ground.person();
    const parent = trip();
    await pushed(own, { trips: [parent] });
    const answer = await own.on('tablet').push({ trips: [{ ...parent, name: 'Normandy' }] });
    expect(answer).toMatchObject({
      successful: [],
      conflicts: [{ conflictedFields: ['name'], localData: expect.stringContaining('Brittany') }],
    });
    expect((await seen(own, 'trips', parent)).name).toBe('Brittany');
  });
});

test('B4 UPDATE and DELETE without an id touch no row at all', async () => {
  const own = await ground.person();
  const { input } = journal();
  await pushed(own, input);
  const state = () =>
    ground.sql('SELECT scope_id, id, version, seq, deleted_at FROM record ORDER BY scope_id, id');
  const before = await state();
  const bare = { syncVersion: 1, clientTimestamp: NEVER };
  for (const id of [undefined, null, '', '0', 'null', '%', "' OR true --", randomUUID()]) {
    const ids = id === undefined ? {} : { id };
    const answer = await own.push({
      memories: [
        { ...bare, ...ids, operation: 'UPDATE', title: 'First row of the table' },
        { ...bare, ...ids, operation: 'DELETE' },
      ],
      trips: [{ ...bare, ...ids, operation: 'DELETE' }],
    });
    expect(answer.successful).toEqual([]);
    expect(answer.failed).toHaveLength(3);
  }
  expect(await state()).toEqual(before);
});

describe('B5', () => {
  const FIELDS_OF_THE_SERVER = {
    createdAt: NEVER,
    updatedAt: NEVER,
    deletedAt: NEVER,
    createdBy: 'x',
    owner: 'x',
    creator: 'x',
    userId: 'x',
    version: 9,
    seq: 9,
    scope: 'x',
    scopeId: 'x',
    isDirty: true,
    needsSync: true,
    syncStatus: 'CONFLICT',
    syncErrorMessage: 'x',
    lastSyncAttempt: NEVER,
    role: 'OWNER',
    id_: 'x',
    __proto_: {},
    entityType: 'Tag',
  };
  test.each(Object.entries(FIELDS_OF_THE_SERVER))('B5 %s cannot be sent', async (name, value) => {
    const own = await ground.person();
    const parent = trip();
    await pushed(own, { trips: [parent] });
    // The sender's own device is told of the refusal.
    const other = own.on('another device');
    const before = await seen(other, 'trips', parent);
    const answer = await own.push({
      trips: [{ ...trip(), [name]: value }, update(parent.id, 1, { name: 'New', [name]: value })],
    });
    expect(answer.successful).toEqual([]);
    expect(answer.failed.map((one: Loose) => [one.code, one.field])).toEqual([
      ['INVALID', name],
      ['INVALID', name],
    ]);
    expect(await seen(other, 'trips', parent)).toEqual(before);
  });

  test('B5 only the fields of the type are stored, whatever else a row carries', async () => {
    const own = await ground.person();
    const parent = trip({ clientId: 'local', transactionId: randomUUID(), changeId: randomUUID() });
    await pushed(own, { trips: [parent] });
    const [stored] = await ground.sql('SELECT doc, created_by FROM record WHERE id = $1', [parent.id]);
    expect(stored.created_by).toBe(own.userId);
    expect(Object.keys(stored.doc).sort()).toEqual(
      [
        'coverImageObjectName',
        'endDate',
        'gpsTrackingEnabled',
        'isActive',
        'name',
        'startDate',
        'totalDistance',
        'travelCompanions',
        'tripDescription',
        'visitedCountries',
      ].sort(),
    );
  });

  test.each([
    ['Tag', 'tags', 'isSystemTag', true],
    ['Tag', 'tags', 'usageCount', 1_000],
    ['TagCategory', 'tagCategories', 'isSystemCategory', true],
  ])('B5 of a %s in %s, %s is set by the server only', async (_type, list, field, value) => {
    const own = await ground.person();
    const answer = await own.push({ [list]: [create({ name: 'x', [field]: value })] });
    expect(answer.failed).toMatchObject([{ code: 'INVALID', field }]);
    expect(recordsIn(await own.pull())).toEqual([]);
  });
});

test('B8 a trip, its memory and the picture of that can be made in one call', async () => {
  const own = await ground.person();
  const { input, parent, note, picture } = journal();
  await pushed(own, input);
  const page = await own.on('tablet').pull();
  expect([page.trips[0].id, page.memories[0].tripId, page.mediaItems[0].memoryId]).toEqual([
    parent.id,
    parent.id,
    note.id,
  ]);
  expect(page.mediaItems[0].id).toBe(picture.id);
});

describe('B9', () => {
  test.each([
    ['User'],
    ['app_user'],
    ['record'],
    ['memories'],
    ['memory'],
    ['TripMembership'],
    ['__proto__'],
    ['constructor'],
    ['toString'],
    ['travel.Trip'],
    [''],
    ["Trip'; DROP TABLE record; --"],
    ['Trip\u0000'],
    ['x'.repeat(10_000)],
  ])('B9 the entity type %j is not known', async (name) => {
    const own = await ground.person();
    const answer = await own.ask(PULL, { since: NEVER, batchSize: 10, entityTypes: ['Trip', name] });
    expect([answer.status, codeOf(answer)]).toEqual([200, 'BAD_USER_INPUT']);
    expect(answer.errors[0]!.message.length).toBeLessThan(500);
  });

  test('B9 known ones are read once each, in the order of dependencies', async () => {
    const own = await ground.person();
    await pushed(own, journal().input);
    const asked = ['GPXTrack', 'Trip', 'Tag', 'Trip', 'GPXTrack', 'Memory', 'Tag'];
    const page = await own.pull({ entityTypes: asked });
    expect(recordsIn(page)).toHaveLength(4);
    const { nextCursor } = page;
    // The same set in another order is the same filter.
    const again = await own.pull({ entityTypes: ['Memory', 'Tag', 'Trip', 'GPXTrack'], cursor: nextCursor });
    expect(recordsIn(again)).toEqual([]);
  });
});

test('B10 deleting what is foreign or was never there leaves no trace', async () => {
  const { owner, stranger, note, parent } = await sharedTrip(ground);
  const unknown = randomUUID();
  const { nextCursor } = await owner.pull();
  const answer = await stranger.push({
    memories: [remove(note.id, 1), remove(unknown, 1), remove(unknown, 0)],
    trips: [remove(parent.id, 1), remove(unknown, 1)],
    tags: [remove(unknown, 1)],
  });
  expect(answer.successful).toEqual([]);
  expect(answer.failed.map((one: Loose) => one.code)).toEqual(Array(6).fill('FORBIDDEN'));
  const page = await owner.pull({ cursor: nextCursor });
  expect([recordsIn(page), page.totalCount]).toEqual([[], 0]);
  expect(await ground.sql('SELECT * FROM record WHERE id = $1', [unknown])).toEqual([]);
  expect(await ground.sql('SELECT * FROM sync_log WHERE actor_id = $1', [stranger.userId])).toEqual([]);
});

describe('B12', () => {
  test('B12 tags and categories belong to their user: the same name twice is two', async () => {
    const [one, other] = [await ground.person(), await ground.person()];
    const make = () => ({ tags: [create({ name: 'Beach' })], tagCategories: [create({ name: 'Nature' })] });
    const [first, second] = [make(), make()];
    await pushed(one, first);
    await pushed(other, second);
    await pushed(other, { tags: [update(second.tags[0]!.id, 1, { color: 'red' })] });
    const page = await one.pull();
    expect(page.tags).toMatchObject([{ id: first.tags[0]!.id, color: null }]);
    expect(page.tagCategories).toMatchObject([{ id: first.tagCategories[0]!.id }]);
    const foreign = await other.push({ tags: [update(first.tags[0]!.id, 1, { color: 'blue' })] });
    expect(foreign.failed).toMatchObject([{ code: 'FORBIDDEN' }]);
  });

  test("B12 a tag can't be filed in somebody else's category, nor tell that it is there", async () => {
    const [one, other] = [await ground.person(), await ground.person()];
    const category = create({ name: 'Nature' });
    await pushed(one, { tagCategories: [category] });
    const tag = create({ name: 'Beach', categoryId: category.id });
    await pushed(other, { tags: [tag] });
    expect(await seen(other, 'tags', tag)).toMatchObject({ categoryId: null });
    expect((await one.pull()).tags).toEqual([]);
  });
});
