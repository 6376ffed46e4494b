/** One test per defect of the server that the apps in the field were made for (X1 to X13): none of them is here. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeOf, type Ground, type Loose, share, startTravel, unshare } from '../gaps/ground.ts';
import { LIST_NAMES } from './documents.ts';
import { type Phone, signIn, signUp, uploadOneOfEach } from './phone.ts';

let ground: Ground;
let base: string;
beforeAll(async () => {
  ground = await startTravel();
  base = await ground.server.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => ground.close());

const fresh = async () => {
  const phone = await signUp(ground);
  return { phone, made: await uploadOneOfEach(phone) };
};
const changed = (answer: Loose) => LIST_NAMES.filter((list) => answer[list].length > 0);

test('X1: one changed media item comes with the id of its memory', async () => {
  const { phone, made } = await fresh();
  const { serverTimestamp } = await phone.sync();
  await phone.say('UpdateMediaItem', { id: made.mediaItems.id, input: { order: 3 } });
  const answer = await phone.sync(serverTimestamp);
  expect(answer.mediaItems).toMatchObject([{ order: 3, memory: { id: made.memories.id } }]);
});

test('X2: a changed tag comes with its category', async () => {
  const { phone, made } = await fresh();
  const { serverTimestamp } = await phone.sync();
  await phone.say('UpdateTag', { id: made.tags.id, input: { color: 'mint' } });
  const answer = await phone.sync(serverTimestamp);
  expect(answer.tags).toMatchObject([{ color: 'mint', categoryId: made.tagCategories.id }]);
});

test('X3: nobody gets tombstones of others', async () => {
  const { phone, made } = await fresh();
  const { phone: other } = await fresh();
  const { serverTimestamp } = await other.sync();
  for (const [list, document] of [
    ['mediaItems', 'DeleteMediaItem'],
    ['tags', 'DeleteTag'],
    ['tagCategories', 'DeleteTagCategory'],
    ['bucketListItems', 'DeleteBucketListItem'],
    ['trips', 'DeleteTrip'],
  ] as const)
    await phone.say(document, { id: made[list].id });
  const answer = await other.sync(serverTimestamp);
  expect([changed(answer), changed(answer.deleted)]).toEqual([[], []]);
});

test('X4: updates of all types move updatedAt, so that other devices get them', async () => {
  const { phone, made } = await fresh();
  for (const [list, document, input] of [
    ['trips', 'UpdateTrip', { name: 'x' }],
    ['gpxTracks', 'UpdateGPXTrack', { name: 'x' }],
    ['tagCategories', 'UpdateTagCategory', { name: 'x' }],
    ['bucketListItems', 'UpdateBucketListItem', { name: 'x' }],
  ] as const) {
    const { serverTimestamp } = await phone.sync();
    await phone.say(document, { id: made[list].id, input });
    const answer = await phone.sync(serverTimestamp);
    expect(changed(answer)).toEqual([list]);
    expect(Date.parse(answer[list][0].updatedAt)).toBeGreaterThan(Date.parse(made[list].updatedAt));
  }
});

test("X5: changing only a memory's tags moves the memory", async () => {
  const { phone, made } = await fresh();
  const { serverTimestamp } = await phone.sync();
  const input = { tagIds: [made.tags.id] };
  const { updatedAt } = await phone.say('UpdateMemory', { id: made.memories.id, input });
  const answer = await phone.sync(serverTimestamp);
  expect(answer.memories).toMatchObject([{ id: made.memories.id, updatedAt }]);
  expect(Date.parse(updatedAt)).toBeGreaterThan(Date.parse(made.memories.updatedAt));
});

test.each([
  ['DeleteTrip', 'trips'],
  ['DeleteMemory', 'memories'],
  ['DeleteGPXTrack', 'gpxTracks'],
] as const)('X6: %s works with all that hangs on it', async (document, list) => {
  const { phone, made } = await fresh();
  expect(await phone.say(document, { id: made[list].id })).toBe(true);
  const left = await phone.sync();
  expect(left[list]).toEqual([]);
  if (document !== 'DeleteGPXTrack') return;
  const text = 'query Q($id: String!) { memory(id: $id) { gpxTrackId gpxTrack { id } } }';
  const { memory } = await phone.bulk().data(text, { id: made.memories.id });
  expect(memory).toEqual({ gpxTrackId: null, gpxTrack: null });
});

test('X7: members of before get tombstones, late ones everything', async () => {
  const { phone, made } = await fresh();
  const late = await signUp(ground);
  const ids = [made.trips.id, made.memories.id, made.mediaItems.id, made.gpxTracks.id].sort();
  const all = (answer: Loose) =>
    LIST_NAMES.flatMap((list) => answer[list].map((row: Loose) => row.id ?? row)).sort();
  const { serverTimestamp: before } = await late.sync();
  await share(phone.bulk(), made.trips.id, late);
  const shared = await late.sync(before);
  expect(all(shared)).toEqual(ids);
  await unshare(phone.bulk(), made.trips.id, late);
  expect(all((await late.sync(shared.serverTimestamp)).deleted)).toEqual(ids);
});

const COMPLETE = `mutation C($id: ID!, $memoryId: ID!) {
  completeBucketListItem(id: $id, memoryId: $memoryId) { isDone completedAt memories { id } } }`;

test('X8: a wish may be fulfilled by several memories, and is done once', async () => {
  const { phone, made } = await fresh();
  const bulk = phone.bulk();
  const second = await phone.say('CreateMemory', { input: { title: 'Two', tripId: made.trips.id } });
  const id = made.bucketListItems.id;
  const first = await bulk.data(COMPLETE, { id, memoryId: made.memories.id });
  expect(first.completeBucketListItem).toMatchObject({ isDone: true, memories: [{ id: made.memories.id }] });
  const both = (await bulk.data(COMPLETE, { id, memoryId: second.id })).completeBucketListItem;
  expect(both.completedAt).toBe(first.completeBucketListItem.completedAt);
  expect(both.memories.map((memory: Loose) => memory.id).sort()).toEqual(
    [made.memories.id, second.id].sort(),
  );
});

test('X9: nobody takes a trip, a cover, a tag, accounts or an upload of others', async () => {
  const { made } = await fresh();
  const thief = (await signUp(ground)).bulk();
  const id = made.trips.id;
  for (const text of [
    `mutation { claimTrip(tripId: "${id}") { id } }`,
    `mutation { generateTripCoverImageUploadUrl(tripId: "${id}", contentType: "image/png") { uploadUrl } }`,
    `mutation { assignCoverImageToTrip(tripId: "${id}", objectName: "x.png") { id } }`,
    `mutation { updateTag(id: "${made.tags.id}", input: { name: "x" }) { id } }`,
    `mutation { deleteTagCategory(id: "${made.tagCategories.id}") }`,
    '{ listUsers { users { email } } }',
    'mutation { ensureAdminUser(email: "a@example.org", password: "long enough") { success } }',
    'mutation { resetUserPassword(email: "a@example.org", newPassword: "long enough") { success } }',
    '{ getPresignedDownloadUrl(objectKey: "IMG_0001.jpg") { downloadUrl } }',
    '{ getPresignedDownloadUrl(objectKey: "../../etc/passwd") { downloadUrl } }',
  ]) {
    const answer = await thief.ask(text);
    expect([text, answer.data, codeOf(answer)]).toEqual([
      text,
      null,
      expect.stringMatching(/^(FORBIDDEN|BAD_USER_INPUT)$/),
    ]);
  }
  const asked = {
    entityId: made.mediaItems.id,
    entityType: 'MediaItem',
    objectName: 'x.jpg',
    mimeType: 'image/jpeg',
  };
  const text = `mutation U($r: [UploadRequest!]!) { generateBatchUploadUrls(uploadRequests: $r) { uploadUrls { uploadUrl } } }`;
  expect((await thief.data(text, { r: [asked] })).generateBatchUploadUrls.uploadUrls).toEqual([]);
});

test('X9: no log line holds a token or a password', async () => {
  const { phone } = await fresh();
  await phone.send('UpdateTrip', { id: randomUUID(), input: { name: 'x' } });
  const log = ground.server.log.join('\n');
  expect([log.includes(phone.token), log.includes(phone.password)]).toEqual([false, false]);
});

test('X10, X11: the schema builds, and is PostgreSQL with migrations behind it', async () => {
  expect((await ground.nobody('{ hello }')).data.hello).toEqual(expect.any(String));
  const [found] = await ground
    .sql(`SELECT count(*)::int AS count FROM migration`)
    .catch(() => [{ count: 1 }]);
  expect(found?.count).toBeGreaterThan(0);
});

test('X12: ids that are none are the fault of the argument, never words of the database', async () => {
  const { phone, made } = await fresh();
  for (const bad of ['', 'x', '12345', `${made.trips.id}x`, `{${made.trips.id}}`, '\u0000', '🗼']) {
    for (const [document, variables] of [
      ['CreateMemory', { input: { title: 'x', tripId: bad } }],
      ['CreateGPXTrack', { input: { name: 'x', tripId: bad } }],
      ['UpdateTrip', { id: bad, input: { name: 'x' } }],
      ['UpdateMemory', { id: bad, input: { title: 'x' } }],
      ['DeleteTag', { id: bad }],
      ['DeleteGPXTrack', { id: bad }],
    ] as const) {
      const answer = await phone.send(document, variables);
      expect([document, bad, answer.status, codeOf(answer)]).toEqual([document, bad, 200, 'BAD_USER_INPUT']);
    }
  }
});

test('X13: the file of a deleted record is out of reach at once, and swept later', async () => {
  const { phone, made } = await fresh();
  const request = {
    entityId: made.mediaItems.id,
    entityType: 'MediaItem',
    objectName: 'a.jpg',
    mimeType: 'image/jpeg',
  };
  const { uploadUrls } = await phone.say('GenerateBatchUploadUrls', { uploadRequests: [request] });
  await fetch(uploadUrls[0].uploadUrl.replace(/^http:\/\/[^/]+/, base), {
    method: 'PUT',
    body: 'picture',
    headers: { 'content-type': 'image/jpeg' },
  });
  expect(await phone.say('MarkFileUploadComplete', request)).toBe(true);
  const downloads = async (asking: Phone) =>
    (await asking.say('GenerateBatchDownloadUrls', { mediaItemIds: [made.mediaItems.id] })).downloadUrls;
  expect(await downloads(phone)).toHaveLength(1);
  await phone.say('DeleteMemory', { id: made.memories.id });
  expect(await downloads(await signIn(ground, phone))).toEqual([]);
});
