/** Each operation of the older API, as the case single-operations asks for it. */
import { randomUUID } from 'node:crypto';
import { FILE_OPERATIONS } from './file-operations.ts';
import type { Ask } from './server.ts';

export const DATE = '2026-05-01T08:00:00.000Z';

export interface Operation {
  readonly name: string;
  readonly text: string;
  /** Asked for anew each time. */
  readonly variables: (ground: Ground) => Record<string, unknown> | Promise<Record<string, unknown>>;
  readonly goal?: string;
}

export interface Ground {
  readonly ask: Ask;
  readonly trip: string;
  readonly memory: string;
  readonly media: string;
  readonly track: string;
  readonly tag: string;
  readonly category: string;
  readonly wish: string;
  readonly friend: string;
  since: string;
}

const id = (_ground: Ground) => ({});
const LIST = 'p95 ≤ 50 ms';

const reading: readonly Operation[] = [
  { name: 'trips', text: '{ trips { id name updatedAt } }', variables: id },
  {
    name: 'trip',
    text: 'query($id: ID!) { trip(id: $id) { id name } }',
    variables: ({ trip }) => ({ id: trip }),
  },
  {
    name: 'getTripMembers',
    text: 'query($id: ID!) { getTripMembers(tripId: $id) { role user { email } } }',
    variables: ({ trip }) => ({ id: trip }),
  },
  {
    name: 'memories of a trip, 1,000',
    text: 'query($id: ID) { memories(tripId: $id) { id title text date latitude longitude updatedAt } }',
    variables: ({ trip }) => ({ id: trip }),
    goal: LIST,
  },
  {
    name: 'memories, 1,000, with tags, category, media',
    text: 'query($id: ID) { memories(tripId: $id) { id title tags { id name category { id name } } mediaItems { id order } } }',
    variables: ({ trip }) => ({ id: trip }),
    goal: LIST,
  },
  {
    name: 'memories of a trip, page of 100',
    text: 'query($id: ID) { memories(tripId: $id, limit: 100) { id title date } }',
    variables: ({ trip }) => ({ id: trip }),
  },
  {
    name: 'memory',
    text: 'query($id: String!) { memory(id: $id) { id title tags { name } } }',
    variables: ({ memory }) => ({ id: memory }),
  },
  {
    name: 'searchMemories, 10 of some 1,500',
    text: '{ searchMemories(query: "Memory 77", limit: 10) { id title } }',
    variables: id,
  },
  {
    name: 'routePoints',
    text: 'query($id: ID!) { routePoints(tripId: $id) { latitude longitude } }',
    variables: ({ trip }) => ({ id: trip }),
  },
  {
    name: 'gpxTracksByTrip',
    text: 'query($id: ID!) { gpxTracksByTrip(tripId: $id) { id name } }',
    variables: ({ trip }) => ({ id: trip }),
  },
  {
    name: 'gpxTrack',
    text: 'query($id: ID!) { gpxTrack(id: $id) { id name segments { id } } }',
    variables: ({ track }) => ({ id: track }),
  },
  { name: 'tags', text: '{ tags { id name categoryId } }', variables: id },
  { name: 'tagCategories', text: '{ tagCategories { id name tags { id } } }', variables: id },
  { name: 'bucketListItems', text: '{ bucketListItems { id name } }', variables: id },
  {
    name: 'sync, nothing new',
    text: 'query($t: DateTime!) { sync(lastSyncedAt: $t) { trips { id } serverTimestamp } }',
    variables: ({ since }) => ({ t: since }),
  },
  {
    name: 'sync, one new memory',
    text: 'query($t: DateTime!) { sync(lastSyncedAt: $t) { memories { id title } serverTimestamp } }',
    variables: async ({ ask, trip, since }) => {
      await ask('mutation($i: MemoryInput!) { createMemory(input: $i) { id } }', {
        i: { title: 'New', tripId: trip },
      });
      return { t: since };
    },
  },
  { name: 'hello', text: '{ hello }', variables: id },
  {
    name: 'claimTrip, by its owner',
    text: 'mutation($id: ID!) { claimTrip(tripId: $id) { id } }',
    variables: ({ trip }) => ({ id: trip }),
  },
  {
    name: 'updateUser',
    text: 'mutation($n: String) { updateUser(input: { firstName: $n }) { id } }',
    variables: () => ({ n: randomUUID() }),
  },
  { name: 'getCurrentUser', text: '{ getCurrentUser { id email } }', variables: id },
];

const input = (fields: Record<string, unknown>) => ({ i: fields });

const writing: readonly Operation[] = [
  {
    name: 'createTrip',
    text: 'mutation($i: TripInput!) { createTrip(input: $i) { id updatedAt } }',
    variables: () => input({ name: 'Trip', startDate: DATE }),
  },
  {
    name: 'updateTrip',
    text: 'mutation($id: ID!, $i: UpdateTripInput!) { updateTrip(id: $id, input: $i) { id updatedAt } }',
    variables: ({ trip }) => ({ id: trip, ...input({ name: randomUUID() }) }),
  },
  {
    name: 'shareTrip',
    text: 'mutation($id: ID!, $e: String!) { shareTrip(tripId: $id, email: $e, permission: READ) { role } }',
    variables: ({ trip, friend }) => ({ id: trip, e: friend }),
  },
  {
    name: 'createMemory',
    text: 'mutation($i: MemoryInput!) { createMemory(input: $i) { id updatedAt } }',
    variables: ({ trip, tag }) => input({ title: 'Memory', tripId: trip, tagIds: [tag] }),
  },
  {
    name: 'updateMemory',
    text: 'mutation($id: String!, $i: UpdateMemoryInput!) { updateMemory(id: $id, input: $i) { id updatedAt } }',
    variables: ({ memory }) => ({ id: memory, ...input({ content: randomUUID() }) }),
  },
  {
    name: 'createMediaItem',
    text: 'mutation($i: MediaItemInput!) { createMediaItem(input: $i) { id updatedAt } }',
    variables: ({ memory }) =>
      input({
        objectName: 'a.jpg',
        memoryId: memory,
        mediaType: 'image/jpeg',
        timestamp: DATE,
        order: 1,
        filesize: 10,
      }),
  },
  {
    name: 'updateMediaItem',
    text: 'mutation($id: String!, $i: UpdateMediaItemInput!) { updateMediaItem(id: $id, input: $i) { id } }',
    variables: ({ media }) => ({ id: media, ...input({ order: Math.floor(Math.random() * 1e6) }) }),
  },
  {
    name: 'createGpxTrack',
    text: 'mutation($i: GPXTrackInput!) { createGpxTrack(input: $i) { id } }',
    variables: ({ trip }) => input({ name: 'Stage', tripId: trip }),
  },
  {
    name: 'updateGpxTrack',
    text: 'mutation($id: ID!, $i: UpdateGPXTrackInput!) { updateGpxTrack(id: $id, input: $i) { id } }',
    variables: ({ track }) => ({ id: track, ...input({ name: randomUUID() }) }),
  },
  {
    name: 'createRoutePoints, 100',
    text: 'mutation($id: ID!, $p: [RoutePointInput!]!) { createRoutePoints(tripId: $id, points: $p) { id } }',
    variables: ({ trip }) => ({
      id: trip,
      p: Array.from({ length: 100 }, (_, at) => ({
        latitude: 48 + at / 1000,
        longitude: -3,
        timestamp: DATE,
      })),
    }),
  },
  {
    name: 'createTag',
    text: 'mutation($i: TagInput!) { createTag(input: $i) { id } }',
    variables: ({ category }) => input({ name: randomUUID(), categoryId: category }),
  },
  {
    name: 'updateTag',
    text: 'mutation($id: String!, $i: UpdateTagInput!) { updateTag(id: $id, input: $i) { id } }',
    variables: ({ tag }) => ({ id: tag, ...input({ color: randomUUID() }) }),
  },
  {
    name: 'createTagCategory',
    text: 'mutation($i: TagCategoryInput!) { createTagCategory(input: $i) { id } }',
    variables: () => input({ name: randomUUID() }),
  },
  {
    name: 'updateTagCategory',
    text: 'mutation($id: String!, $i: UpdateTagCategoryInput!) { updateTagCategory(id: $id, input: $i) { id } }',
    variables: ({ category }) => ({ id: category, ...input({ icon: randomUUID() }) }),
  },
  {
    name: 'createBucketListItem',
    text: 'mutation($i: BucketListItemInput!) { createBucketListItem(input: $i) { id } }',
    variables: () => input({ name: 'Wish' }),
  },
  {
    name: 'updateBucketListItem',
    text: 'mutation($id: ID!, $i: BucketListItemInput!) { updateBucketListItem(id: $id, input: $i) { id } }',
    variables: ({ wish }) => ({ id: wish, ...input({ name: randomUUID() }) }),
  },
  {
    name: 'completeBucketListItem',
    text: 'mutation($id: ID!, $m: ID!) { completeBucketListItem(id: $id, memoryId: $m) { isDone } }',
    variables: ({ wish, memory }) => ({ id: wish, m: memory }),
  },
];

/** Makes something, so that it can be deleted. */
const made =
  (operation: string, type: string, fields: (ground: Ground) => Record<string, unknown>) =>
  async (ground: Ground) => {
    const text = `mutation($i: ${type}!) { made: ${operation}(input: $i) { id } }`;
    const { made: record } = await ground.ask<{ made: { id: string } }>(text, input(fields(ground)));
    return { id: record.id };
  };

const deleting: readonly Operation[] = [
  {
    name: 'deleteTrip',
    text: 'mutation($id: ID!) { deleteTrip(id: $id) }',
    variables: made('createTrip', 'TripInput', () => ({ name: 'Gone', startDate: DATE })),
  },
  {
    name: 'deleteMemory',
    text: 'mutation($id: String!) { deleteMemory(id: $id) }',
    variables: made('createMemory', 'MemoryInput', ({ trip }) => ({ title: 'Gone', tripId: trip })),
  },
  {
    name: 'deleteMediaItem',
    text: 'mutation($id: String!) { deleteMediaItem(id: $id) }',
    variables: made('createMediaItem', 'MediaItemInput', ({ memory }) => ({
      objectName: 'a.jpg',
      memoryId: memory,
      mediaType: 'image/jpeg',
      timestamp: DATE,
      order: 1,
      filesize: 10,
    })),
  },
  {
    name: 'deleteGpxTrack',
    text: 'mutation($id: ID!) { deleteGpxTrack(id: $id) }',
    variables: made('createGpxTrack', 'GPXTrackInput', ({ trip }) => ({ name: 'Gone', tripId: trip })),
  },
  {
    name: 'deleteTag',
    text: 'mutation($id: String!) { deleteTag(id: $id) }',
    variables: made('createTag', 'TagInput', () => ({ name: randomUUID() })),
  },
  {
    name: 'deleteTagCategory',
    text: 'mutation($id: String!) { deleteTagCategory(id: $id) }',
    variables: made('createTagCategory', 'TagCategoryInput', () => ({ name: randomUUID() })),
  },
  {
    name: 'deleteBucketListItem',
    text: 'mutation($id: ID!) { deleteBucketListItem(id: $id) }',
    variables: made('createBucketListItem', 'BucketListItemInput', () => ({ name: 'Gone' })),
  },
];

export const OPERATIONS: readonly Operation[] = [...reading, ...writing, ...deleting, ...FILE_OPERATIONS];
