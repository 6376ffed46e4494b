/** An old server after some years: three users, shared tags, tombstones, orphans, and rows that nobody can take over. */
import bcrypt from 'bcryptjs';
import { idOf, type OldServer } from './old-server.ts';

export const PASSWORD = 'Grüße aus Zürich';
export const [ANNA, BEN, CLEO] = [idOf('user', 1), idOf('user', 2), idOf('user', 3)];
export const [ALPS, SEA, LOST] = [idOf('trip', 1), idOf('trip', 2), idOf('trip', 3)];
export const [HUT, PEAK, BEACH, FIRST_DAY] = [1, 2, 3, 4].map((n) => idOf('memory', n)) as [
  string,
  string,
  string,
  string,
];
export const [SUN, RAIN, UNUSED, ANNAS] = [1, 2, 3, 4].map((n) => idOf('tag', n)) as [
  string,
  string,
  string,
  string,
];
export const [WEATHER, EMPTY] = [idOf('category', 1), idOf('category', 2)];
export const MEDIA = idOf('media', 1);
export const TRACK = idOf('track', 1);
export const WISH = idOf('wish', 1);

const MADE = '2023-05-06 07:08:09.123456';
const at = { createdAt: MADE, updatedAt: '2024-01-02 03:04:05' };

export async function fill(old: OldServer): Promise<void> {
  await users(old);
  await trips(old);
  await tags(old);
  await memories(old);
  await files(old);
  await deletions(old);
  await points(old);
}

async function users({ insert }: OldServer): Promise<void> {
  const passwordHash = bcrypt.hashSync(PASSWORD, 10);
  const user = (id: string, name: string, more = {}) =>
    insert('user', { id, email: `${name}@example.org`, username: name, passwordHash, ...at, ...more });
  await user(ANNA, 'anna', { firstName: 'Anna', roles: 'admin,writer', createdAt: '2020-01-01' });
  await user(BEN, 'Ben', { isActive: true, lastLoginAt: '2024-03-01 12:00:00' });
  await user(CLEO, 'cleo');
  // Over there these were two: e-mails told small letters from capitals.
  await user(idOf('user', 4), 'double', { email: 'CLEO@example.org' });
}

async function trips({ insert }: OldServer): Promise<void> {
  const trip = (id: string, name: string, more = {}) =>
    insert('trip', { id, name, startDate: '2023-06-01', ...at, ...more });
  await trip(ALPS, 'Alps', { coverImageObjectName: `trip-${ALPS}/cover.jpg`, totalDistance: 12.5 });
  await trip(SEA, 'Sea', { ownerId: BEN, endDate: '2023-07-01' });
  await trip(LOST, 'Nobody knows');
  await trip(idOf('trip', 4), 'Backwards', { ownerId: ANNA, endDate: '2023-05-01' });
  const member = (number: number, userId: string, tripId: string, role: string) =>
    insert('trip_membership', { id: idOf('member', number), userId, tripId, role });
  await member(1, ANNA, ALPS, 'owner');
  await member(2, BEN, ALPS, 'editor');
  await member(3, CLEO, ALPS, 'viewer');
  await member(4, idOf('user', 4), ALPS, 'viewer');
}

async function tags({ insert }: OldServer): Promise<void> {
  await insert('tag_category', { id: WEATHER, name: 'Weather', isSystemCategory: true, ...at });
  await insert('tag_category', { id: EMPTY, name: 'Empty', ...at });
  const tag = (id: string, name: string, more = {}) => insert('tag', { id, name, ...at, ...more });
  await tag(SUN, 'sun', { categoryId: WEATHER, usageCount: 7, isSystemTag: true });
  await tag(RAIN, 'rain', { categoryId: WEATHER });
  await tag(UNUSED, 'unused');
  await tag(ANNAS, 'mine', { creatorId: CLEO });
  await insert('tag_related_tags', { tagId_1: SUN, tagId_2: RAIN });
}

async function memories({ insert }: OldServer): Promise<void> {
  await insert('bucket_list_item', {
    id: WISH,
    name: 'Matterhorn',
    creatorId: ANNA,
    latitude1: 45.97,
    isDone: true,
    ...at,
  });
  await insert('bucket_list_item', { id: idOf('wish', 2), name: 'of nobody', ...at });
  await insert('gpx_track', {
    id: TRACK,
    name: 'Up',
    tripId: ALPS,
    gpxFileObjectName: 'gpx/up.gpx',
    totalDistance: 4_321.5,
    totalPoints: 9,
    startTime: MADE,
    ...at,
  });
  const memory = (id: string, title: string, tripId: string, more = {}) =>
    insert('memory', { id, title, tripId, latitude: 46.5, longitude: 8.25, timestamp: MADE, ...at, ...more });
  await memory(HUT, 'Hut', ALPS, { creatorId: BEN, text: 'Käse\n🧀', weatherJSON: '{"temperature":4}' });
  await memory(PEAK, 'Peak', ALPS, { gpxTrackId: TRACK, bucketListItemId: WISH });
  await memory(BEACH, 'Beach', SEA, { creatorId: BEN });
  await memory(FIRST_DAY, 'First day', SEA, {
    timestamp: '0001-01-01 00:00:00',
    createdAt: '0001-01-01 00:00:00',
  });
  await memory(idOf('memory', 5), 'Before time', SEA, { timestamp: '0044-03-15 12:00:00 BC' });
  await memory(idOf('memory', 6), 'For ever', SEA, { timestamp: 'infinity' });
  await memory(idOf('memory', 7), 'Off the map', SEA, { latitude: 91 });
  await memory(idOf('memory', 8), 'Of no trip', idOf('trip', 99));
  await memory(idOf('memory', 9), 'Of a lost trip', LOST);
  const link = (memoryId: string, tagId: string) => insert('memory_tags_tag', { memoryId, tagId });
  // Ben has the sun twice, Anna once; the rain is Anna's alone.
  await link(HUT, SUN);
  await link(BEACH, SUN);
  await link(PEAK, SUN);
  await link(PEAK, RAIN);
}

async function files({ insert }: OldServer): Promise<void> {
  const media = (number: number, memoryId: string | null) =>
    insert('media_item', {
      id: idOf('media', number),
      memoryId,
      objectName: `media/${number}.jpg`,
      mediaType: 'image/jpeg',
      timestamp: MADE,
      order: 0,
      filesize: 2_147_483_647,
      ...at,
    });
  await media(1, HUT);
  await media(2, idOf('memory', 99));
  await media(3, null);
}

async function deletions({ insert }: OldServer): Promise<void> {
  const deleted = (entityType: string, number: number, more = {}) =>
    insert('deletion_log', {
      entityId: idOf(`deleted ${entityType}`, number),
      entityType,
      deletedAt: '2023-12-01',
      ...more,
    });
  await deleted('Trip', 1, { ownerId: ANNA, tripId: idOf('deleted Trip', 1) });
  await deleted('Memory', 1, { ownerId: BEN, tripId: ALPS });
  await deleted('MediaItem', 1, { ownerId: BEN, tripId: ALPS });
  await deleted('GPXTrack', 1, { tripId: ALPS });
  await deleted('Tag', 1, { ownerId: CLEO });
  await deleted('TagCategory', 1, { ownerId: CLEO });
  await deleted('BucketListItem', 1, { ownerId: CLEO });
  await deleted('Tag', 2);
  await deleted('RoutePoint', 1, { tripId: ALPS });
}

async function points({ insert }: OldServer): Promise<void> {
  await insert('track_segment', {
    id: idOf('segment', 1),
    gpxTrackId: TRACK,
    distance: 100,
    startDate: MADE,
  });
  const point = (number: number, more = {}) =>
    insert('route_point', {
      id: idOf('point', number),
      latitude: 46,
      longitude: 8 + number / 100,
      timestamp: `2023-06-01 10:00:0${number}`,
      tripId: ALPS,
      ...more,
    });
  await point(1);
  await point(2, { altitude: 1_000, speed: 1.5 });
  await point(3, { trackSegmentId: idOf('segment', 1) });
  await point(4, { tripId: idOf('trip', 99) });
}
