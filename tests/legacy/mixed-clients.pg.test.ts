/** Scenarios 10 and 11: the app of old beside a bulk client, on the same records. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { conflictsOf, type Ground, journal, type Loose, later, share, startTravel } from '../gaps/ground.ts';
import { LIST_NAMES } from './documents.ts';
import { signUp, uploadOneOfEach } from './phone.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await startTravel();
});
afterAll(() => ground.close());

const row = (operation: string, id: string, syncVersion: number, fields: object = {}) => ({
  operation,
  id,
  syncVersion,
  clientTimestamp: later(0),
  ...fields,
});

test('10: a legacy update, then a bulk update on the version before: a conflict, and both values are kept', async () => {
  const phone = await signUp(ground);
  const made = await uploadOneOfEach(phone);
  const bulk = phone.bulk();
  const before = (await bulk.pull()).trips[0];
  await phone.say('UpdateTrip', { id: made.trips.id, input: { name: 'From the phone' } });
  const fields = { name: 'From the tablet', startDate: before.startDate };
  const answer = await bulk.push({ trips: [row('UPDATE', made.trips.id, before.syncVersion, fields)] });
  expect(answer.successful).toMatchObject([{ outcome: 'conflict', winner: 'server' }]);
  const [conflict] = await conflictsOf(bulk);
  expect(conflict).toMatchObject({ conflictType: 'VERSION_MISMATCH', conflictedFields: ['name'] });
  expect([JSON.parse(conflict.localData).name, JSON.parse(conflict.remoteData).name]).toEqual([
    'From the phone',
    'From the tablet',
  ]);
});

test('10: each type that a legacy call changes rises by one version, and comes to the bulk client once', async () => {
  const phone = await signUp(ground);
  const made = await uploadOneOfEach(phone);
  const bulk = phone.bulk();
  const before = await bulk.pull();
  await phone.say('UpdateTrip', { id: made.trips.id, input: { name: 'x' } });
  await phone.say('UpdateMemory', { id: made.memories.id, input: { title: 'x' } });
  await phone.say('UpdateMediaItem', { id: made.mediaItems.id, input: { order: 5 } });
  await phone.say('UpdateGPXTrack', { id: made.gpxTracks.id, input: { name: 'x' } });
  await phone.say('UpdateTag', { id: made.tags.id, input: { name: 'x' } });
  await phone.say('UpdateTagCategory', { id: made.tagCategories.id, input: { name: 'x' } });
  await phone.say('UpdateBucketListItem', { id: made.bucketListItems.id, input: { name: 'x' } });
  const after = await bulk.pull({ cursor: before.nextCursor });
  for (const list of LIST_NAMES) {
    expect([list, after[list].map(({ syncVersion }: Loose) => syncVersion)]).toEqual([
      list,
      [before[list][0].syncVersion + 1],
    ]);
  }
});

test('10: a bulk deletion is a tombstone in the legacy sync, of members too', async () => {
  const [phone, member] = [await signUp(ground), await signUp(ground)];
  const made = await uploadOneOfEach(phone);
  await share(phone.bulk(), made.trips.id, member);
  const bulk = phone.bulk();
  const page = await bulk.pull();
  const [mine, theirs] = [(await phone.sync()).serverTimestamp, (await member.sync()).serverTimestamp];
  const version = page.memories[0].syncVersion;
  await bulk.push({ memories: [row('DELETE', made.memories.id, version)], cursor: page.nextCursor });
  for (const answer of [await phone.sync(mine), await member.sync(theirs)]) {
    expect(answer.deleted.memories).toEqual([made.memories.id]);
    expect(answer.deleted.mediaItems).toEqual([made.mediaItems.id]);
  }
});

test('10: a legacy update of what a bulk client has deleted is refused, kept, and brings nothing back', async () => {
  const phone = await signUp(ground);
  const made = await uploadOneOfEach(phone);
  await phone.sync();
  const bulk = phone.bulk();
  const page = await bulk.pull();
  await bulk.push({ memories: [row('DELETE', made.memories.id, page.memories[0].syncVersion)] });
  const answer = await phone.send('UpdateMemory', { id: made.memories.id, input: { title: 'Still here' } });
  expect(answer).toMatchObject({ status: 200, data: null, errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  expect((await phone.sync()).memories).toEqual([]);
  const kept = await conflictsOf(phone.bulk());
  expect(kept.map(({ remoteData }) => JSON.parse(remoteData).title)).toContain('Still here');
});

test('10: a tag made by both, and memories keep it', async () => {
  const phone = await signUp(ground);
  const bulk = phone.bulk();
  const tag = await phone.say('CreateTag', { input: { name: 'Beach', color: 'blue' } });
  const trip = await phone.say('CreateTrip', { input: { name: 'T', startDate: later(0) } });
  const [own, note] = [randomUUID(), randomUUID()];
  const answer = await bulk.push({
    tags: [row('CREATE', own, 0, { name: ' beach', emoji: '🏖', clientTimestamp: new Date().toISOString() })],
    memories: [row('CREATE', note, 0, { title: 'M', tripId: trip.id, tagIds: [own] })],
  });
  expect(answer.failed).toEqual([]);
  expect(answer.successful).toContainEqual(expect.objectContaining({ entityId: own, canonicalId: tag.id }));
  const ask = '{ tags { id name } memories { id tags { id emoji } tagIds } }';
  expect(await phone.bulk().data(ask)).toMatchObject({
    tags: [{ id: tag.id }],
    memories: [{ tags: [{ id: tag.id, emoji: '🏖' }], tagIds: [tag.id] }],
  });
  // The phone makes it once more, as after a lost answer.
  const again = await phone.say('CreateTag', { input: { name: 'BEACH' } });
  expect(again.id).toBe(tag.id);
  expect((await phone.sync()).tags).toMatchObject([{ id: tag.id, color: 'blue', emoji: '🏖' }]);
});

test('11: a bulk batch sent again verbatim changes nothing and answers the same, legacy calls in between', async () => {
  const phone = await signUp(ground);
  const bulk = phone.bulk();
  const { input, parent } = journal();
  const sent = { ...input, deviceId: bulk.device };
  const first = await bulk.push(sent);
  const before = await phone.sync();
  const second = await bulk.push(sent);
  const bare = ({ successful }: Loose) =>
    successful.map(({ entityType, entityId, syncVersion, updatedAt, seq }: Loose) => ({
      entityType,
      entityId,
      syncVersion,
      updatedAt,
      seq,
    }));
  expect(bare(second)).toEqual(bare(first));
  expect(second.successful.every(({ replayed }: Loose) => replayed)).toBe(true);
  const { serverTimestamp: _a, ...then } = before;
  const { serverTimestamp: _b, ...now } = await phone.sync();
  expect(now).toEqual(then);
  await phone.say('UpdateTrip', { id: parent.id, input: { name: 'Later' } });
  expect(bare(await bulk.push(sent))).toEqual(bare(first));
  expect((await phone.sync()).trips).toMatchObject([{ name: 'Later' }]);
});
