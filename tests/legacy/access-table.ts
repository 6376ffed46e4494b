/** Who may call what, one row per operation: the answers to each kind of caller, and to the owner with an unknown id. */
import { randomUUID } from 'node:crypto';
import type { Loose } from '../gaps/ground.ts';

/** What is in the world when a call is made; ids of records by type. */
export interface Scene {
  readonly trip: string;
  readonly memory: string;
  readonly media: string;
  readonly track: string;
  readonly tag: string;
  readonly category: string;
  readonly wish: string;
  readonly friend: string;
  readonly key: string;
}

/**
 * ok: data. none: null or an empty list, without error. no: false. Else the code of the one error. `own`: ok, but of
 * what is the caller's own.
 */
export type Outcome = 'ok' | 'none' | 'no' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'BAD_USER_INPUT';

export interface AccessRow {
  readonly operation: string;
  readonly text: string;
  readonly variables: (scene: Scene) => Loose;
  /** Answers to: nobody, a stranger, the owner with an unknown id, a viewer, an editor, the owner. */
  readonly answers: readonly [Outcome, Outcome, Outcome | null, Outcome, Outcome, Outcome];
}

const U = 'UNAUTHENTICATED';
const F = 'FORBIDDEN';
const B = 'BAD_USER_INPUT';
const READ = [U, F, F, 'ok', 'ok', 'ok'] as const;
const WRITE = [U, F, F, F, 'ok', 'ok'] as const;
const OWN = [U, F, F, F, 'ok'] as const;
/** Of a record in the owner's own scope: members of the trip are strangers to it. */
const PRIVATE = [U, F, F, F, F, 'ok'] as const;
/** Everybody who is signed in, each for itself. */
const EVERYBODY = [U, 'ok', null, 'ok', 'ok', 'ok'] as const;
const NOBODY = [U, F, null, F, F, F] as const;

const row = (text: string, variables: AccessRow['variables'], answers: AccessRow['answers']): AccessRow => ({
  operation: /[{]\s*(\w+)/.exec(text.replace(/\([^)]*\)/, ''))?.[1] ?? text,
  text,
  variables,
  answers,
});

const AT = '2024-05-01T12:00:00.000Z';
const nothing = () => ({});
const input = (value: Loose) => () => ({ input: value });
const update = (name: keyof Scene, value: Loose) => (scene: Scene) => ({ id: scene[name], input: value });
const id = (name: keyof Scene) => (scene: Scene) => ({ id: scene[name] });
const ofTrip = (scene: Scene) => ({ tripId: scene.trip });

export const ACCESS: readonly AccessRow[] = [
  row('{ hello }', nothing, ['ok', 'ok', null, 'ok', 'ok', 'ok']),
  row('{ getCurrentUser { id } }', nothing, ['none', 'ok', null, 'ok', 'ok', 'ok']),
  row('{ trips { id } }', nothing, [U, 'none', null, 'ok', 'ok', 'ok']),
  row('query Q($id: ID!) { trip(id: $id) { id } }', id('trip'), READ),
  row('query Q($tripId: ID!) { getTripMembers(tripId: $tripId) { id user { id } } }', ofTrip, READ),
  // A trip that the caller can't see is ignored, not refused.
  row('query Q($tripId: ID) { memories(tripId: $tripId) { id } }', ofTrip, [
    U,
    'none',
    'ok',
    'ok',
    'ok',
    'ok',
  ]),
  row('query Q($id: String!) { memory(id: $id) { id } }', id('memory'), READ),
  row('query Q($tripId: ID) { searchMemories(query: "e", tripId: $tripId) { id } }', ofTrip, READ),
  row('query Q($tripId: ID!) { routePoints(tripId: $tripId) { id } }', ofTrip, [
    U,
    'none',
    'none',
    'ok',
    'ok',
    'ok',
  ]),
  row('query Q($tripId: ID!) { gpxTracksByTrip(tripId: $tripId) { id } }', ofTrip, READ),
  row('query Q($id: ID!) { gpxTrack(id: $id) { id } }', id('track'), [U, 'none', 'none', 'ok', 'ok', 'ok']),
  row('{ tags { id } }', nothing, [U, 'none', null, 'none', 'none', 'ok']),
  row('{ tagCategories { id } }', nothing, [U, 'none', null, 'none', 'none', 'ok']),
  row('{ bucketListItems { id } }', nothing, [U, 'none', null, 'none', 'none', 'ok']),
  row(
    '{ getPresignedUploadUrl(filename: "a.jpg", mimeType: "image/jpeg") { uploadUrl } }',
    nothing,
    EVERYBODY,
  ),
  row(
    'query Q($key: String!) { getPresignedDownloadUrl(objectKey: $key) { downloadUrl } }',
    ({ key }) => ({ key }),
    READ,
  ),
  row(
    'query Q($ids: [ID!]) { generateBatchDownloadUrls(mediaItemIds: $ids) { downloadUrls { entityId } } }',
    ({ media }) => ({ ids: [media] }),
    [U, 'none', 'none', 'ok', 'ok', 'ok'],
  ),
  row(`{ sync(lastSyncedAt: "${AT}") { trips { id } } }`, nothing, [U, 'none', null, 'ok', 'ok', 'ok']),
  row('{ listUsers { success } }', nothing, NOBODY),

  row(
    'mutation M($input: TripInput!) { createTrip(input: $input) { id } }',
    input({ name: 'x', startDate: AT }),
    EVERYBODY,
  ),
  row(
    'mutation M($id: ID!, $input: UpdateTripInput!) { updateTrip(id: $id, input: $input) { id } }',
    update('trip', { name: 'x' }),
    WRITE,
  ),
  row('mutation M($id: ID!) { deleteTrip(id: $id) }', id('trip'), [...OWN.slice(0, 4), F, 'ok'] as never),
  row(
    'mutation M($tripId: ID!) { generateTripCoverImageUploadUrl(tripId: $tripId, contentType: "image/png") { uploadUrl } }',
    ofTrip,
    WRITE,
  ),
  // There is no such upload; that it is asked after shows who may.
  row(
    'mutation M($tripId: ID!) { assignCoverImageToTrip(tripId: $tripId, objectName: "cover.png") { id } }',
    ofTrip,
    [U, F, F, F, B, B],
  ),
  row(
    'mutation M($tripId: ID!, $friend: String!) { shareTrip(tripId: $tripId, email: $friend, permission: READ) { id } }',
    ({ trip, friend }) => ({ tripId: trip, friend }),
    WRITE,
  ),
  row('mutation M($tripId: ID!) { claimTrip(tripId: $tripId) { id } }', ofTrip, [U, F, F, F, F, 'ok']),
  row(
    'mutation M($input: MemoryInput!) { createMemory(input: $input) { id } }',
    ({ trip }) => ({ input: { title: 'x', tripId: trip } }),
    WRITE,
  ),
  row(
    'mutation M($id: String!, $input: UpdateMemoryInput!) { updateMemory(id: $id, input: $input) { id } }',
    update('memory', { title: 'x' }),
    WRITE,
  ),
  row('mutation M($id: String!) { deleteMemory(id: $id) }', id('memory'), WRITE),
  row('mutation { createUploadUrl(filename: "a.jpg") { uploadUrl } }', nothing, EVERYBODY),
  row(
    'mutation M($input: MediaItemInput!) { createMediaItem(input: $input) { id } }',
    ({ memory }) => ({
      input: {
        objectName: 'b.jpg',
        memoryId: memory,
        mediaType: 'image/jpeg',
        timestamp: AT,
        order: 1,
        filesize: 1,
      },
    }),
    WRITE,
  ),
  row(
    'mutation M($id: String!, $input: UpdateMediaItemInput!) { updateMediaItem(id: $id, input: $input) { id } }',
    update('media', { order: 7 }),
    WRITE,
  ),
  row('mutation M($id: String!) { deleteMediaItem(id: $id) }', id('media'), WRITE),
  row(
    'mutation M($tripId: ID!, $points: [RoutePointInput!]!) { createRoutePoints(tripId: $tripId, points: $points) { id } }',
    ({ trip }) => ({ tripId: trip, points: [{ latitude: 1, longitude: 2, timestamp: AT }] }),
    WRITE,
  ),
  row('mutation M($input: TagInput!) { createTag(input: $input) { id } }', input({ name: 'x' }), EVERYBODY),
  row(
    'mutation M($id: String!, $input: UpdateTagInput!) { updateTag(id: $id, input: $input) { id } }',
    update('tag', { color: 'red' }),
    PRIVATE,
  ),
  row('mutation M($id: String!) { deleteTag(id: $id) }', id('tag'), PRIVATE),
  row(
    'mutation M($input: TagCategoryInput!) { createTagCategory(input: $input) { id } }',
    input({ name: 'x' }),
    EVERYBODY,
  ),
  row(
    'mutation M($id: String!, $input: UpdateTagCategoryInput!) { updateTagCategory(id: $id, input: $input) { id } }',
    update('category', { color: 'red' }),
    PRIVATE,
  ),
  row('mutation M($id: String!) { deleteTagCategory(id: $id) }', id('category'), PRIVATE),
  row(
    'mutation M($input: BucketListItemInput!) { createBucketListItem(input: $input) { id } }',
    input({ name: 'x' }),
    EVERYBODY,
  ),
  row(
    'mutation M($id: ID!, $input: BucketListItemInput!) { updateBucketListItem(id: $id, input: $input) { id } }',
    update('wish', { name: 'x' }),
    PRIVATE,
  ),
  row('mutation M($id: ID!) { deleteBucketListItem(id: $id) }', id('wish'), PRIVATE),
  row(
    'mutation M($id: ID!, $memoryId: ID!) { completeBucketListItem(id: $id, memoryId: $memoryId) { id } }',
    ({ wish, memory }) => ({ id: wish, memoryId: memory }),
    PRIVATE,
  ),
  row('mutation { generateGpxUploadUrl(filename: "a.gpx") { uploadUrl } }', nothing, EVERYBODY),
  row(
    'mutation M($input: GPXTrackInput!) { createGpxTrack(input: $input) { id } }',
    ({ trip }) => ({ input: { name: 'x', tripId: trip } }),
    WRITE,
  ),
  row(
    'mutation M($id: ID!, $input: UpdateGPXTrackInput!) { updateGpxTrack(id: $id, input: $input) { id } }',
    update('track', { name: 'x' }),
    WRITE,
  ),
  row('mutation M($id: ID!) { deleteGpxTrack(id: $id) }', id('track'), WRITE),
  row(
    'mutation M($tripId: ID!) { processGpxFile(objectName: "none.gpx", tripId: $tripId, trackName: "x") { id } }',
    ofTrip,
    [U, B, B, B, B, B],
  ),
  row(
    'mutation M($id: ID!) { generateBatchUploadUrls(uploadRequests: [{ entityId: $id, entityType: "MediaItem", objectName: "a.jpg", mimeType: "image/jpeg" }]) { uploadUrls { entityId } } }',
    id('media'),
    [U, 'none', 'none', 'none', 'ok', 'ok'],
  ),
  row(
    'mutation M($id: ID!) { markFileUploadComplete(entityId: $id, entityType: "MediaItem", objectName: "never.jpg") }',
    id('media'),
    [U, 'no', 'no', 'no', 'no', 'no'],
  ),
  row(
    'mutation { resetUserPassword(email: "a@example.org", newPassword: "long enough") { success } }',
    nothing,
    NOBODY,
  ),
  row(
    'mutation { ensureAdminUser(email: "a@example.org", password: "long enough") { success } }',
    nothing,
    NOBODY,
  ),
];

/** The scene with one id, of all that the variables name, that belongs to nothing. */
export function unknownScene(scene: Scene): Scene {
  const ids = { trip: randomUUID(), memory: randomUUID(), media: randomUUID(), track: randomUUID() };
  const own = { tag: randomUUID(), category: randomUUID(), wish: randomUUID() };
  return { ...scene, ...ids, ...own, key: `media/${randomUUID()}.jpg` };
}
