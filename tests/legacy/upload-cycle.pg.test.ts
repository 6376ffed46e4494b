/** Scenarios 2 to 6: an account, an empty sync, one of each type up and down, updated, deleted. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ground, NEVER, share, startTravel } from '../gaps/ground.ts';
import { LIST_NAMES, type ListName } from './documents.ts';
import { type Phone, send, signIn, signUp, uploadOneOfEach } from './phone.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await startTravel();
});
afterAll(() => ground.close());

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const nothing = Object.fromEntries(LIST_NAMES.map((list) => [list, []]));

/** Every text at a key that ends in At, Timestamp, Date or is named timestamp or date. */
function moments(value: unknown, key = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => moments(item, key));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, member]) => moments(member, name));
  return typeof value === 'string' && /(At|Timestamp|timestamp|Date|^date)$/.test(key) ? [value] : [];
}

test('2: registration, then sign-in with the same input', async () => {
  const input = { email: 'Anna.Two@example.org', password: 'long enough' };
  const { data } = await send(ground, null, 'UserRegistration', { input });
  expect(data.register).toMatchObject({ __typename: 'User', id: expect.any(String) });
  const { data: signed } = await send(ground, null, 'UserLogin', { input });
  expect(signed.login.user.id).toBe(data.register.id);
  expect(signed.login.user.displayName).toEqual(expect.stringMatching(/./));
  const [head, payload] = String(signed.login.token).split('.');
  const read = (part = '') => JSON.parse(Buffer.from(part, 'base64url').toString());
  expect(read(head)).toMatchObject({ alg: 'HS256' });
  expect(read(payload)).toMatchObject({ userId: data.register.id });
  expect(read(payload).exp - read(payload).iat).toBe(7 * 24 * 3600);

  const again = await send(ground, null, 'UserRegistration', { input });
  expect(again).toMatchObject({ status: 200, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  const wrong = await send(ground, null, 'UserLogin', { input: { ...input, password: 'quite wrong' } });
  const nobody = await send(ground, null, 'UserLogin', { input: { ...input, email: 'no@example.org' } });
  expect(wrong).toMatchObject({ status: 200, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  expect(nobody.errors[0]?.message).toBe(wrong.errors[0]?.message);
  const short = await send(ground, null, 'UserRegistration', {
    input: { email: 'short@example.org', password: '1234567' },
  });
  expect(short).toMatchObject({ status: 200, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
});

test.each(['0001-01-01T00:00:00.000Z', '0000-12-30T00:00:00.000Z', '0001-01-01T00:00:00Z'])(
  '3: sync of an empty account from %s',
  async (since) => {
    const phone = await signUp(ground);
    const answer = await phone.sync(since);
    expect(answer).toMatchObject({ ...nothing, deleted: nothing });
    expect(answer.serverTimestamp).toMatch(MOMENT);
  },
);

test('4: one of each type goes up in the order of the app, and comes down on a second phone', async () => {
  const first = await signUp(ground);
  const made = await uploadOneOfEach(first);
  const plain = await first.say('CreateMemory', { input: { title: 'Fog', tripId: made.trips.id } });
  const second = await signIn(ground, first);
  const answer = await second.sync();
  expect(answer.memories.splice(1)).toMatchObject([
    { id: plain.id, title: 'Fog', updatedAt: plain.updatedAt },
  ]);
  for (const list of LIST_NAMES) {
    expect([list, answer[list].length]).toEqual([list, 1]);
    expect([list, answer[list][0].id]).toEqual([list, made[list].id]);
    // CreateTag asks for no stamp; the first memory was changed once more, when its track came.
    if (list !== 'tags' && list !== 'memories')
      expect([list, answer[list][0].updatedAt]).toEqual([list, made[list].updatedAt]);
  }
  expect(answer).toMatchObject({
    trips: [{ name: 'Brittany', isActive: true, totalDistance: 0, gpsTrackingEnabled: true, endDate: null }],
    memories: [{ text: 'Tall and white.', timestamp: '2024-05-02T08:30:00.123Z', locationName: 'Ushant' }],
    mediaItems: [{ memory: { id: made.memories.id }, filename: 'IMG_0001.jpg', fileSize: 12_345, order: 0 }],
    gpxTracks: [{ tripId: made.trips.id, originalFilename: 'coast.gpx', creator: 'watch' }],
    tags: [{ categoryId: made.tagCategories.id, tagDescription: 'High', isSystemTag: false, usageCount: 0 }],
    tagCategories: [{ emoji: '🗺', isExpanded: true, sortOrder: 0 }],
    bucketListItems: [{ latitude1: 64.1, latitude2: null, isDone: false, completedAt: null }],
    deleted: nothing,
  });
  const found = moments(answer);
  expect(found.length).toBeGreaterThanOrEqual(18);
  for (const moment of found) expect(moment).toMatch(MOMENT);
  expect(await second.sync(answer.serverTimestamp)).toMatchObject({ ...nothing, deleted: nothing });
});

const UPDATES: Record<ListName, { document: string; input: object; shows: object }> = {
  trips: { document: 'UpdateTrip', input: { name: 'Ushant' }, shows: { name: 'Ushant' } },
  memories: { document: 'UpdateMemory', input: { content: 'Striped.' }, shows: { text: 'Striped.' } },
  mediaItems: { document: 'UpdateMediaItem', input: { order: 4 }, shows: { order: 4 } },
  gpxTracks: { document: 'UpdateGPXTrack', input: { name: 'Cliffs' }, shows: { name: 'Cliffs' } },
  tags: { document: 'UpdateTag', input: { color: 'mint' }, shows: { color: 'mint' } },
  tagCategories: { document: 'UpdateTagCategory', input: { icon: '🏔' }, shows: { emoji: '🏔' } },
  bucketListItems: {
    document: 'UpdateBucketListItem',
    input: { name: 'Iceland', isDone: true },
    shows: { isDone: true, country: 'Iceland' },
  },
};

describe('5: after an update of one type, a sync from the moment before brings that row and nothing else', () => {
  let first: Phone;
  let second: Phone;
  let made: Awaited<ReturnType<typeof uploadOneOfEach>>;
  let since: string;
  beforeAll(async () => {
    first = await signUp(ground);
    made = await uploadOneOfEach(first);
    second = await signIn(ground, first);
    since = (await second.sync()).serverTimestamp;
  });
  test.each(Object.entries(UPDATES))('%s', async (list, { document, input, shows }) => {
    const answered = await first.say(document, { id: made[list as ListName].id, input });
    const answer = await second.sync(since);
    since = answer.serverTimestamp;
    expect(answer).toMatchObject({ ...nothing, deleted: nothing, [list]: [shows] });
    const [row] = answer[list];
    expect(row.id).toBe(made[list as ListName].id);
    if (answered.updatedAt !== undefined) expect(row.updatedAt).toBe(answered.updatedAt);
    expect(Date.parse(row.updatedAt)).toBeGreaterThan(Date.parse(row.createdAt));
  });
});

const DELETIONS: readonly (readonly [list: ListName, document: string])[] = [
  ['mediaItems', 'DeleteMediaItem'],
  ['gpxTracks', 'DeleteGPXTrack'],
  ['memories', 'DeleteMemory'],
  ['tags', 'DeleteTag'],
  ['tagCategories', 'DeleteTagCategory'],
  ['bucketListItems', 'DeleteBucketListItem'],
  ['trips', 'DeleteTrip'],
];
const SHARED: readonly ListName[] = ['trips', 'memories', 'mediaItems', 'gpxTracks'];

describe('6: deletions', () => {
  test.each(DELETIONS)(
    'of %s reach the other phone, and members where it is shared',
    async (list, document) => {
      const [owner, member] = [await signUp(ground), await signUp(ground)];
      const made = await uploadOneOfEach(owner);
      await share(owner.bulk(), made.trips.id, member);
      const other = await signIn(ground, owner);
      const since = (await other.sync()).serverTimestamp;
      const memberSince = (await member.sync()).serverTimestamp;
      expect(await owner.say(document, { id: made[list].id })).toBe(true);
      const seen = await other.sync(since);
      expect(seen.deleted[list]).toEqual([made[list].id]);
      const told = await member.sync(memberSince);
      expect(told.deleted[list]).toEqual(SHARED.includes(list) ? [made[list].id] : []);
      expect([(await other.sync(NEVER))[list], (await member.sync(NEVER))[list]]).toEqual([[], []]);
      // Again: it is gone, which is what was asked for.
      expect(await owner.say(document, { id: made[list].id })).toBe(true);
    },
  );

  test.each(['DeleteMemory', 'DeleteTrip'])(
    '%s takes its children along, and lists them',
    async (document) => {
      const [owner, member] = [await signUp(ground), await signUp(ground)];
      const made = await uploadOneOfEach(owner);
      await share(owner.bulk(), made.trips.id, member);
      const since = (await member.sync()).serverTimestamp;
      const id = document === 'DeleteTrip' ? made.trips.id : made.memories.id;
      expect(await owner.say(document, { id })).toBe(true);
      for (const phone of [member, await signIn(ground, owner)]) {
        const { deleted } = await phone.sync(phone === member ? since : NEVER);
        if (phone !== member) continue;
        expect(deleted.mediaItems).toEqual([made.mediaItems.id]);
        expect(deleted.memories).toEqual([made.memories.id]);
        expect(deleted.trips).toEqual(document === 'DeleteTrip' ? [made.trips.id] : []);
        expect(deleted.gpxTracks).toEqual(document === 'DeleteTrip' ? [made.gpxTracks.id] : []);
      }
    },
  );
});
