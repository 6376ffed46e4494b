/** Values of the older API: defaults, moments in and out, what is null and what is left out, which of two places counts. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf, type Ground, type Loose, type Person, startTravel } from '../gaps/ground.ts';

let ground: Ground;
let anna: Person;
let tripId: string;
beforeAll(async () => {
  ground = await startTravel();
  anna = await ground.person();
  tripId = (await createTrip({ name: 'T', startDate: AT })).id;
});
afterAll(() => ground.close());

const AT = '2024-05-01T12:00:00.000Z';
const TRIP =
  'id name tripDescription startDate endDate isActive totalDistance gpsTrackingEnabled syncVersion updatedAt';
const MEMORY =
  'id title text content timestamp date latitude longitude locationName address location { latitude longitude name } tags { name } tagIds syncVersion';

const call = async (
  field: string,
  type: string,
  selection: string,
  input: object,
  id?: string,
): Promise<Loose> => {
  const of = /Memory|Tag/.test(type) ? 'String!' : 'ID!';
  const text =
    id === undefined
      ? `mutation M($input: ${type}!) { ${field}(input: $input) { ${selection} } }`
      : `mutation M($id: ${of}, $input: ${type}!) { ${field}(id: $id, input: $input) { ${selection} } }`;
  return (await anna.data(text, { input, ...(id !== undefined && { id }) }))[field];
};
const createTrip = (input: object) => call('createTrip', 'TripInput', TRIP, input);
const updateTrip = (id: string, input: object) => call('updateTrip', 'UpdateTripInput', TRIP, input, id);
const createMemory = (input: object) =>
  call('createMemory', 'MemoryInput', MEMORY, { title: 'M', tripId, ...input });
const updateMemory = (id: string, input: object) =>
  call('updateMemory', 'UpdateMemoryInput', MEMORY, input, id);

test('defaults of a new trip, left out or null; isActive is false, as it was', async () => {
  const defaults = {
    isActive: false,
    totalDistance: 0,
    gpsTrackingEnabled: true,
    endDate: null,
    tripDescription: null,
  };
  expect(await createTrip({ name: 'x', startDate: AT })).toMatchObject({ ...defaults, syncVersion: 1 });
  expect(await createTrip({ name: 'x', startDate: AT, endDate: null, tripDescription: null })).toMatchObject(
    defaults,
  );
  expect(
    await createTrip({ name: 'x', startDate: AT, isActive: true, gpsTrackingEnabled: false }),
  ).toMatchObject({
    isActive: true,
    gpsTrackingEnabled: false,
  });
  const literal = await anna.data(
    `mutation { createTrip(input: { name: "x", startDate: "${AT}" }) { ${TRIP} } }`,
  );
  expect(literal.createTrip).toMatchObject(defaults);
});

describe('moments', () => {
  test.each([
    ['2024-05-01T12:00:00Z', '2024-05-01T12:00:00.000Z'],
    ['2024-05-01T12:00:00.5Z', '2024-05-01T12:00:00.500Z'],
    ['2024-05-01T14:00:00+02:00', '2024-05-01T12:00:00.000Z'],
    ['2024-05-01T12:00:00.123456Z', '2024-05-01T12:00:00.123Z'],
    ['0001-01-01T00:00:00.000Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('%s comes back as %s', async (sent, shown) => {
    expect((await createTrip({ name: 'x', startDate: sent })).startDate).toBe(shown);
    const date = await createMemory({ date: sent });
    expect([date.date, date.timestamp]).toEqual([shown, shown]);
  });
  test.each([
    '0000-12-30T00:00:00.000Z',
    '2024-02-30T00:00:00Z',
    '2024-05-01',
    'soon',
    '',
    '10000-01-01T00:00:00Z',
  ])('%s is no moment of a record', async (startDate) => {
    const answer = await anna.ask('mutation M($input: TripInput!) { createTrip(input: $input) { id } }', {
      input: { name: 'x', startDate },
    });
    expect(codeOf(answer)).toBe('BAD_USER_INPUT');
    expect(answer.data ?? null).toBeNull();
  });
  test('a memory without a date happened when it was made', async () => {
    const { createMemory: made } = await anna.data(
      'mutation M($tripId: ID!) { createMemory(input: { title: "x", tripId: $tripId }) { date createdAt timestamp } }',
      { tripId },
    );
    expect([made.date, made.timestamp]).toEqual([made.createdAt, made.createdAt]);
  });
});

describe('left out is untouched, null clears', () => {
  test('of a trip', async () => {
    const made = await createTrip({
      name: 'x',
      startDate: AT,
      tripDescription: 'd',
      endDate: '2024-06-01T00:00:00Z',
    });
    expect(await updateTrip(made.id, { name: 'y' })).toMatchObject({
      tripDescription: 'd',
      endDate: '2024-06-01T00:00:00.000Z',
    });
    expect(await updateTrip(made.id, { tripDescription: null, endDate: null })).toMatchObject({
      name: 'y',
      tripDescription: null,
      endDate: null,
      syncVersion: 3,
    });
  });
  test('an update that changes nothing is fine, and counts nothing', async () => {
    const made = await createTrip({ name: 'x', startDate: AT });
    for (const input of [{}, { name: 'x' }])
      expect(await updateTrip(made.id, input)).toMatchObject({ syncVersion: 1, updatedAt: made.updatedAt });
  });
  test('what must be there cannot be cleared', async () => {
    const made = await createMemory({});
    const text =
      'mutation M($id: String!, $input: UpdateMemoryInput!) { updateMemory(id: $id, input: $input) { id } }';
    const answer = await anna.ask(text, { id: made.id, input: { title: null } });
    expect(answer.errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field: 'title' } });
  });
  test('content and location null, as the first app sends them', async () => {
    const made = await createMemory({ content: null, location: null, date: null, tagIds: null });
    expect(made).toMatchObject({ content: null, location: null, latitude: 0, longitude: 0, tags: [] });
    const placed = await updateMemory(made.id, { content: 'c', latitude: 1, longitude: 2, address: 'a' });
    expect(placed).toMatchObject({
      content: 'c',
      text: 'c',
      location: { latitude: 1, longitude: 2, name: 'a' },
    });
    expect(await updateMemory(made.id, { content: null })).toMatchObject({ content: null, latitude: 1 });
  });
});

describe('places', () => {
  const flat = { latitude: 1, longitude: 2, address: 'flat' };
  const location = { latitude: 3, longitude: 4, name: 'nested' };
  test('of two, location counts for a new memory', async () => {
    expect(await createMemory({ ...flat, location })).toMatchObject({
      latitude: 3,
      longitude: 4,
      locationName: 'nested',
    });
    expect(await createMemory({ location, ...flat })).toMatchObject({
      latitude: 3,
      longitude: 4,
      address: 'nested',
    });
  });
  test('and the flat one for an update', async () => {
    const made = await createMemory({});
    expect(await updateMemory(made.id, { location, ...flat })).toMatchObject({
      latitude: 1,
      longitude: 2,
      address: 'flat',
    });
    expect(await updateMemory(made.id, { location })).toMatchObject({ latitude: 3, address: 'nested' });
  });
  test('0/0 is none', async () => {
    expect(await createMemory({ latitude: 0, longitude: 0 })).toMatchObject({ latitude: 0, location: null });
  });
});

test('tags: an empty list leaves them as they are, others replace them', async () => {
  const [one, two] = await Promise.all(
    ['one', 'two'].map((name) => call('createTag', 'TagInput', 'id', { name })),
  );
  const made = await createMemory({ tagIds: [one.id] });
  expect(made.tags).toEqual([{ name: 'one' }]);
  expect((await updateMemory(made.id, { tagIds: [] })).tagIds).toEqual([one.id]);
  expect((await updateMemory(made.id, { tagIds: [two.id.toUpperCase()] })).tagIds).toEqual([two.id]);
});

test('a category of null takes a tag out; an icon is kept as emoji', async () => {
  const category = await call('createTagCategory', 'TagCategoryInput', 'id emoji', { name: 'C', emoji: '🗺' });
  const tag = await call('createTag', 'TagInput', 'id categoryId category { id }', {
    name: 'T',
    categoryId: category.id,
  });
  expect(tag).toMatchObject({ categoryId: category.id, category: { id: category.id } });
  const update = (input: object) =>
    call('updateTag', 'UpdateTagInput', 'categoryId category { id }', input, tag.id);
  expect(await update({ color: 'red' })).toMatchObject({ categoryId: category.id });
  expect(await update({ categoryId: null })).toEqual({ categoryId: null, category: null });
  const icon = await call('updateTagCategory', 'UpdateTagCategoryInput', 'emoji', { icon: '🏔' }, category.id);
  expect(icon).toEqual({ emoji: '🏔' });
});

test('an empty or null memory takes a track from its memory', async () => {
  const memory = await createMemory({});
  const track = await call('createGpxTrack', 'GPXTrackInput', 'id memoryId', {
    name: 'G',
    tripId,
    memoryId: memory.id,
  });
  const linked = () =>
    anna.data('query Q($id: String!) { memory(id: $id) { gpxTrack { id } } }', { id: memory.id });
  expect((await linked()).memory.gpxTrack).toEqual({ id: track.id });
  for (const empty of ['', null]) {
    const input = { memoryId: memory.id };
    await call('updateGpxTrack', 'UpdateGPXTrackInput', 'id', input, track.id);
    expect((await linked()).memory.gpxTrack).toEqual({ id: track.id });
    const left = await call(
      'updateGpxTrack',
      'UpdateGPXTrackInput',
      'memoryId',
      { memoryId: empty },
      track.id,
    );
    expect([left.memoryId, (await linked()).memory.gpxTrack]).toEqual([null, null]);
  }
});

test('a size beyond 32 bits is told as far as an Int can', async () => {
  const { id } = await createMemory({});
  const input = {
    objectName: 'a',
    memoryId: id,
    mediaType: 'video',
    timestamp: AT,
    order: 0,
    filesize: 2 ** 31 - 1,
  };
  expect(
    await call('createMediaItem', 'MediaItemInput', 'fileSize originalFilename mimeType', input),
  ).toEqual({
    fileSize: 2 ** 31 - 1,
    originalFilename: null,
    mimeType: 'video',
  });
});
