/** Scenario 7: what a second user gets and may do, before a trip is shared, after, and when it is taken away again. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeOf, type Ground, type Loose, share, startTravel, unshare } from '../gaps/ground.ts';
import { LIST_NAMES } from './documents.ts';
import { type Phone, signIn, signUp, uploadOneOfEach } from './phone.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await startTravel();
});
afterAll(() => ground.close());

const idsIn = (answer: Loose): string[] =>
  LIST_NAMES.flatMap((list) => answer[list].map(({ id }: Loose) => id));
const goneIn = (answer: Loose): string[] => LIST_NAMES.flatMap((list) => answer.deleted[list]);

async function twoUsers() {
  const [owner, guest] = [await signUp(ground), await signUp(ground)];
  const made = await uploadOneOfEach(owner);
  const shared = [made.trips.id, made.memories.id, made.mediaItems.id, made.gpxTracks.id];
  return { owner, guest, made, shared };
}

test('before: nothing, not even tombstones (X3)', async () => {
  const { owner, guest, made } = await twoUsers();
  const since = (await guest.sync()).serverTimestamp;
  await owner.say('DeleteMediaItem', { id: made.mediaItems.id });
  await owner.say('DeleteTag', { id: made.tags.id });
  await owner.say('DeleteBucketListItem', { id: made.bucketListItems.id });
  for (const from of [since, undefined]) {
    const answer = await guest.sync(from);
    expect([idsIn(answer), goneIn(answer)]).toEqual([[], []]);
  }
});

test('after READ: the whole trip, though it is older than lastSyncedAt (X7), and no writes', async () => {
  const { owner, guest, made, shared } = await twoUsers();
  const since = (await guest.sync()).serverTimestamp;
  await share(owner.bulk(), made.trips.id, guest, 'READ');
  const answer = await guest.sync(since);
  expect(idsIn(answer).sort()).toEqual([...shared].sort());
  expect(answer.mediaItems).toMatchObject([{ memory: { id: made.memories.id } }]);
  expect(idsIn(await guest.sync(answer.serverTimestamp))).toEqual([]);
  const before = await owner.sync();
  for (const refused of await writesOf(guest, made))
    expect(refused).toMatchObject({
      status: 200,
      data: null,
      errors: [{ extensions: { code: 'FORBIDDEN' } }],
    });
  const { serverTimestamp: _a, ...after } = await owner.sync();
  const { serverTimestamp: _b, ...then } = before;
  expect(after).toEqual(then);
});

const writesOf = async (phone: Phone, made: Loose) => [
  await phone.send('UpdateTrip', { id: made.trips.id, input: { name: 'Mine' } }),
  await phone.send('CreateMemory', { input: { title: 'Mine', tripId: made.trips.id } }),
  await phone.send('UpdateMemory', { id: made.memories.id, input: { title: 'Mine' } }),
  await phone.send('UpdateMediaItem', { id: made.mediaItems.id, input: { order: 9 } }),
  await phone.send('CreateGPXTrack', { input: { name: 'Mine', tripId: made.trips.id } }),
  await phone.send('UpdateGPXTrack', { id: made.gpxTracks.id, input: { name: 'Mine' } }),
  await phone.send('DeleteMediaItem', { id: made.mediaItems.id }),
  await phone.send('DeleteGPXTrack', { id: made.gpxTracks.id }),
  await phone.send('DeleteMemory', { id: made.memories.id }),
  await phone.send('DeleteTrip', { id: made.trips.id }),
];

test.each(['WRITE', 'ADMIN'])('%s may write, and not delete the trip', async (permission) => {
  const { owner, guest, made } = await twoUsers();
  const membership = await share(owner.bulk(), made.trips.id, guest, permission);
  expect(membership.shareTrip).toMatchObject({ role: 'EDITOR' });
  const answers = await writesOf(guest, made);
  expect(answers.map((answer) => codeOf(answer))).toEqual([...Array(9).fill(undefined), 'FORBIDDEN']);
  const { trips, memories, mediaItems } = await owner.sync();
  expect([trips, mediaItems]).toMatchObject([[{ name: 'Mine' }], []]);
  expect(memories.map(({ title }: Loose) => title)).toEqual(['Mine']);
});

test('an editor may share on; a viewer may not', async () => {
  const { owner, guest, made, shared } = await twoUsers();
  const third = await signUp(ground);
  await share(owner.bulk(), made.trips.id, guest, 'READ');
  const text = `mutation S($tripId: ID!, $email: String!) { shareTrip(tripId: $tripId, email: $email, permission: READ) { id role } }`;
  const asked = { tripId: made.trips.id, email: third.email };
  expect(codeOf(await guest.bulk().ask(text, asked))).toBe('FORBIDDEN');
  await share(owner.bulk(), made.trips.id, guest, 'WRITE');
  expect((await guest.bulk().data(text, asked)).shareTrip.role).toBe('VIEWER');
  expect(idsIn(await third.sync()).sort()).toEqual([...shared].sort());
});

test('revoked: tombstones for that user alone, and the trip is out of reach', async () => {
  const { owner, guest, made, shared } = await twoUsers();
  await share(owner.bulk(), made.trips.id, guest, 'WRITE');
  const own = await guest.say('CreateTrip', {
    input: { name: 'Own', startDate: '2024-05-01T12:00:00.000Z' },
  });
  const since = (await guest.sync()).serverTimestamp;
  const other = await signIn(ground, owner);
  const ownerSince = (await other.sync()).serverTimestamp;
  await unshare(owner.bulk(), made.trips.id, guest);
  const answer = await guest.sync(since);
  expect(idsIn(answer)).toEqual([]);
  expect(goneIn(answer).sort()).toEqual([...shared].sort());
  expect(goneIn(await other.sync(ownerSince))).toEqual([]);
  expect(idsIn(await guest.sync())).toEqual([own.id]);
  expect(codeOf(await guest.send('UpdateTrip', { id: made.trips.id, input: { name: 'Mine' } }))).toBe(
    'FORBIDDEN',
  );
  // Shared anew it arrives anew, whatever the phone had been told.
  await share(owner.bulk(), made.trips.id, guest, 'READ');
  expect(idsIn(await guest.sync(answer.serverTimestamp)).sort()).toEqual([...shared].sort());
});

test('a trip that is deleted reaches members who had it, also one whose sync is late', async () => {
  const { owner, guest, made, shared } = await twoUsers();
  await share(owner.bulk(), made.trips.id, guest, 'READ');
  const since = (await guest.sync()).serverTimestamp;
  await owner.say('DeleteTrip', { id: made.trips.id });
  await owner.say('CreateTrip', { input: { name: 'Next', startDate: '2024-05-01T12:00:00.000Z' } });
  expect(goneIn(await guest.sync(since)).sort()).toEqual([...shared].sort());
});
