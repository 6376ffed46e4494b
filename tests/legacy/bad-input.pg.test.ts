/** Scenario 9 and the table of errors: clean codes, data null, JSON always, and the HTTP status that apps expect. */
import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf, expectClean, type Ground, startTravel } from '../gaps/ground.ts';
import { APP_DOCUMENTS, appDocument, textOf } from './documents.ts';
import { type Phone, send, signUp, uploadOneOfEach } from './phone.ts';

let ground: Ground;
let phone: Phone;
let made: Awaited<ReturnType<typeof uploadOneOfEach>>;
beforeAll(async () => {
  ground = await startTravel();
  phone = await signUp(ground);
  made = await uploadOneOfEach(phone);
});
afterAll(() => ground.close());

const AT = '2024-05-01T12:00:00.000Z';
const memory = (tripId: string) => ({ title: 'Fog', tripId });
const media = (memoryId: string) => ({
  objectName: 'a.jpg',
  memoryId,
  mediaType: 'image/jpeg',
  timestamp: AT,
  order: 0,
  filesize: 1,
});

describe('executed, so HTTP 200, with an error and no data', () => {
  const unknown = randomUUID();
  test.each([
    ['a memory of a trip without an id', 'CreateMemory', { input: memory('') }, 'BAD_USER_INPUT'],
    ['a media item of a memory without an id', 'CreateMediaItem', { input: media('') }, 'BAD_USER_INPUT'],
    [
      'a track of a trip without an id',
      'CreateGPXTrack',
      { input: { name: 'x', tripId: '' } },
      'BAD_USER_INPUT',
    ],
    ['a memory of no trip', 'CreateMemory', { input: memory('trip-1') }, 'BAD_USER_INPUT'],
    ['a memory of an unknown trip', 'CreateMemory', { input: memory(unknown) }, 'FORBIDDEN'],
    ['a media item of an unknown memory', 'CreateMediaItem', { input: media(unknown) }, 'FORBIDDEN'],
    ['a track of an unknown trip', 'CreateGPXTrack', { input: { name: 'x', tripId: unknown } }, 'FORBIDDEN'],
    ['updating an empty id', 'UpdateTrip', { id: '', input: { name: 'x' } }, 'BAD_USER_INPUT'],
    ['updating an unknown trip', 'UpdateTrip', { id: unknown, input: { name: 'x' } }, 'FORBIDDEN'],
    ['deleting an unknown memory', 'DeleteMemory', { id: unknown }, 'FORBIDDEN'],
    ['deleting no id', 'DeleteMemory', { id: 'memory-1' }, 'BAD_USER_INPUT'],
    [
      'a trip that ends before it starts',
      'CreateTrip',
      { input: { name: 'x', startDate: AT, endDate: '2024-04-01T00:00:00.000Z' } },
      'BAD_USER_INPUT',
    ],
    ['a place off the earth', 'CreateMemory', { input: { title: 'x', latitude: 91 } }, 'BAD_USER_INPUT'],
    ['a text with NUL', 'CreateTag', { input: { name: 'a\u0000b' } }, 'BAD_USER_INPUT'],
    ['half of a surrogate pair', 'CreateTag', { input: { name: '\ud800' } }, 'BAD_USER_INPUT'],
    ['a tag without letters', 'CreateTag', { input: { name: '  ' } }, 'BAD_USER_INPUT'],
    ['a size below nothing', 'UpdateMediaItem', { input: { filesize: -1 } }, 'BAD_USER_INPUT'],
    ['clearing what must be there', 'UpdateTrip', { input: { name: null } }, 'BAD_USER_INPUT'],
  ])('%s', async (_name, document, sent, code) => {
    const ids: Record<string, string> = { UpdateMediaItem: made.mediaItems.id, UpdateTrip: made.trips.id };
    const variables: Record<string, unknown> = { id: ids[document], ...sent };
    if (document === 'CreateMemory')
      Object.assign(variables, { input: { tripId: made.trips.id, ...(sent as { input?: object }).input } });
    const answer = await phone.send(document, variables);
    expect(answer).toMatchObject({ status: 200, data: null });
    expect(codeOf(answer)).toBe(code);
  });
});

describe('a wrong value is named by its field', () => {
  test.each([
    ['UpdateTrip', 'trips', { endDate: '2023-01-01T00:00:00.000Z' }, 'endDate'],
    ['UpdateMemory', 'memories', { latitude: -91 }, 'latitude'],
    ['UpdateMemory', 'memories', { content: 'a\u0000b' }, 'content'],
    ['UpdateMemory', 'memories', { tagIds: ['no id'] }, 'tagIds'],
    ['UpdateBucketListItem', 'bucketListItems', { name: 'x', longitude2: 181 }, 'longitude2'],
    ['UpdateTag', 'tags', { categoryId: 'no id' }, 'categoryId'],
  ] as const)('%s %s %o', async (document, list, input, field) => {
    const answer = await phone.send(document, { id: made[list].id, input });
    expect(answer.errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field } });
    expect(answer.errors[0]?.message).toContain(field);
  });
});

describe('who is not signed in', () => {
  const key = new TextEncoder();
  const token = (claims: object, secret: string, age: number) =>
    new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuedAt(Math.floor(Date.now() / 1000) - age)
      .setExpirationTime(Math.floor(Date.now() / 1000) - age + 60)
      .sign(key.encode(secret));
  const variables = () => ({
    id: made.trips.id,
    lastSyncedAt: AT,
    uploadRequests: [],
    entityId: made.mediaItems.id,
    entityType: 'MediaItem',
    objectName: 'a.jpg',
  });
  test('gets UNAUTHENTICATED from every document but registration and sign-in', async () => {
    const expired = await token({ userId: phone.userId }, ground.server.secret, 3_600);
    const forged = await token({ userId: phone.userId }, 'x'.repeat(40), 0);
    for (const row of APP_DOCUMENTS) {
      if (row.name === 'UserRegistration' || row.name === 'UserLogin') continue;
      for (const bad of [null, expired, forged, 'garbage']) {
        const answer = await send(ground, bad, row.name, { ...variables(), input: inputOf(row.name) });
        expect([row.name, answer.status, codeOf(answer), answer.data]).toEqual([
          row.name,
          200,
          'UNAUTHENTICATED',
          null,
        ]);
      }
    }
  });
  const inputOf = (name: string): object => {
    if (/Trip/.test(name)) return { name: 'x', startDate: AT };
    if (/Memory/.test(name)) return name.startsWith('Create') ? memory(made.trips.id) : { title: 'x' };
    if (/Media/.test(name)) return name.startsWith('Create') ? media(made.memories.id) : { order: 1 };
    if (/GPX/.test(name)) return { name: 'x', ...(name.startsWith('Create') && { tripId: made.trips.id }) };
    return { name: 'x' };
  };
});

describe('what cannot be executed is answered with 400, bodies that are too large with 413, all as JSON', () => {
  const post = async (payload: string, headers: Record<string, string> = {}) => {
    const {
      statusCode,
      headers: answered,
      body,
    } = await ground.server.app.inject({
      method: 'POST',
      url: '/graphql',
      payload,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${phone.token}`, ...headers },
    });
    expect(answered['content-type']).toMatch(/^application\/json/);
    const answer = { status: statusCode, ...JSON.parse(body) };
    expectClean(answer);
    expect(answer.data ?? null).toBeNull();
    return answer;
  };
  const asked = (query: string, variables: unknown = {}) => JSON.stringify({ query, variables });
  const createTrip = textOf(appDocument('CreateTrip'), 'nested');
  test.each([
    ['no GraphQL', asked('{ trips { '), 400, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', asked('{ trips { colour } }'), 400, 'GRAPHQL_VALIDATION_FAILED'],
    ['a required variable is left out', asked(createTrip), 400, 'BAD_USER_INPUT'],
    [
      'a variable of a wrong type',
      asked(createTrip, { input: { name: 5, startDate: AT } }),
      400,
      'BAD_USER_INPUT',
    ],
    [
      'a date that is none',
      asked(createTrip, { input: { name: 'x', startDate: 'soon' } }),
      400,
      'BAD_USER_INPUT',
    ],
    [
      'an unknown member',
      asked(createTrip, { input: { name: 'x', startDate: AT, id: 'x' } }),
      400,
      'BAD_USER_INPUT',
    ],
    ['no JSON', '{"query": ', 400, 'MALFORMED'],
    ['no object', '[1]', 400, 'MALFORMED'],
    ['nothing', '{}', 400, 'MALFORMED'],
  ])('%s', async (_name, payload, status, code) => {
    const answer = await post(payload);
    expect([answer.status, answer.errors[0].extensions.code]).toEqual([status, code]);
  });
  test('a body that is too large', async () => {
    const answer = await post(asked('{ hello }', { x: 'x'.repeat(50 * 1024 * 1024) }));
    expect([answer.status, answer.errors[0].extensions.code]).toEqual([413, 'TOO_LARGE']);
  });
  test('150 kB, which were too much once, are fine', async () => {
    const content = 'x'.repeat(99_000);
    const input = { title: 'x', content, tripId: made.trips.id, address: 'y'.repeat(51_000) };
    expect(codeOf(await phone.send('CreateMemory', { input }))).toBeUndefined();
  });
  test('what asks for a page gets none for a POST', async () => {
    const answer = await post(asked('{ trips { '), { accept: 'text/html' });
    expect(answer.status).toBe(400);
  });
});

test('12: never an error beside usable data of a sync', async () => {
  const answer = await send(ground, 'garbage', 'Sync', { lastSyncedAt: AT });
  expect([answer.errors.length, answer.data]).toEqual([1, null]);
  const twice = `{ a: sync(lastSyncedAt: "${AT}") { serverTimestamp } b: trip(id: "${randomUUID()}") { id } }`;
  const mixed = await phone.bulk().ask(twice);
  expect([mixed.errors.length, mixed.data]).toEqual([1, null]);
});
