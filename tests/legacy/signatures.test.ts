/** Every operation, input and answer of the older API, name by name and type by type; nothing that was optional is required. */

import { createRegistry } from '@ackord/core';
import { printDomainSchema } from '@ackord/server';
import { travelDomain, travelGraphQL } from '@ackord/travel';
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLInputField,
  isInputObjectType,
  isObjectType,
} from 'graphql';
import { expect, test } from 'vitest';

const schema = buildSchema(printDomainSchema(createRegistry([travelDomain]), travelGraphQL));

const QUERIES = `
hello() String!
getCurrentUser() User
trips() [Trip!]!
trip(id: ID!) Trip
getTripMembers(tripId: ID!) [TripMembershipResponse!]!
memories(tripId: ID) [Memory!]!
memory(id: String!) Memory
searchMemories(query: String!, tripId: ID) [Memory!]!
routePoints(tripId: ID!) [RoutePoint!]!
gpxTracksByTrip(tripId: ID!) [GPXTrack!]!
gpxTrack(id: ID!) GPXTrack
tags() [Tag!]!
tagCategories() [TagCategory!]!
bucketListItems() [BucketListItem!]!
getPresignedUploadUrl(filename: String!, mimeType: String!) PresignedUrlResponse!
getPresignedDownloadUrl(objectKey: String!) PresignedUrlResponse!
generateBatchDownloadUrls(mediaItemIds: [ID!], gpxTrackIds: [ID!], expiresIn: Int) FileSyncResponse!
sync(lastSyncedAt: DateTime!) SyncResponse!
listUsers() AdminResponse!`;

const MUTATIONS = `
register(input: UserInput!) User!
login(input: UserInput!) AuthResponse!
updateUser(input: UpdateUserInput!) User!
createTrip(input: TripInput!) Trip!
updateTrip(id: ID!, input: UpdateTripInput!) Trip!
deleteTrip(id: ID!) Boolean!
generateTripCoverImageUploadUrl(tripId: ID!, contentType: String!) PresignedUrlResponse!
assignCoverImageToTrip(tripId: ID!, objectName: String!) Trip!
shareTrip(tripId: ID!, email: String!, permission: Permission!) TripMembership!
claimTrip(tripId: ID!) Trip!
createMemory(input: MemoryInput!) Memory!
updateMemory(id: String!, input: UpdateMemoryInput!) Memory!
deleteMemory(id: String!) Boolean!
createUploadUrl(filename: String!, mimeType: String) PresignedUrlResponse!
createMediaItem(input: MediaItemInput!) MediaItem!
updateMediaItem(id: String!, input: UpdateMediaItemInput!) MediaItem!
deleteMediaItem(id: String!) Boolean!
createRoutePoints(tripId: ID!, points: [RoutePointInput!]!) [RoutePoint!]!
createTag(input: TagInput!) Tag!
updateTag(id: String!, input: UpdateTagInput!) Tag
deleteTag(id: String!) Boolean!
createTagCategory(input: TagCategoryInput!) TagCategory!
updateTagCategory(id: String!, input: UpdateTagCategoryInput!) TagCategory
deleteTagCategory(id: String!) Boolean!
createBucketListItem(input: BucketListItemInput!) BucketListItem!
updateBucketListItem(id: ID!, input: BucketListItemInput!) BucketListItem
deleteBucketListItem(id: ID!) Boolean!
completeBucketListItem(id: ID!, memoryId: ID!) BucketListItem
generateGpxUploadUrl(filename: String!) PresignedUrlResponse!
createGpxTrack(input: GPXTrackInput!) GPXTrack!
updateGpxTrack(id: ID!, input: UpdateGPXTrackInput!) GPXTrack!
deleteGpxTrack(id: ID!) Boolean!
processGpxFile(objectName: String!, tripId: ID!, trackName: String!) GPXTrack!
generateBatchUploadUrls(uploadRequests: [UploadRequest!]!, expiresIn: Int) BulkUploadResponse!
markFileUploadComplete(entityId: ID!, entityType: String!, objectName: String!) Boolean!
resetUserPassword(email: String!, newPassword: String!) AdminResponse!
ensureAdminUser(email: String!, password: String!) AdminResponse!`;

const INPUTS = `
UserInput(email: String!, password: String!)
UpdateUserInput(username: String, email: String, firstName: String, lastName: String)
TripInput(name: String!, tripDescription: String, travelCompanions: String, visitedCountries: String, startDate: DateTime!, endDate: DateTime, isActive: Boolean = false, totalDistance: Float = 0, gpsTrackingEnabled: Boolean = true)
UpdateTripInput(name: String, tripDescription: String, travelCompanions: String, visitedCountries: String, startDate: DateTime, endDate: DateTime, isActive: Boolean, totalDistance: Float, gpsTrackingEnabled: Boolean)
LocationInput(latitude: Float!, longitude: Float!, name: String)
MemoryInput(title: String!, content: String, date: DateTime, latitude: Float, longitude: Float, address: String, location: LocationInput, tripId: ID!, tagIds: [ID!])
UpdateMemoryInput(title: String, content: String, date: DateTime, latitude: Float, longitude: Float, location: LocationInput, address: String, tagIds: [String!])
MediaItemInput(objectName: String!, thumbnailObjectName: String, memoryId: String!, mediaType: String!, timestamp: DateTime!, order: Int!, filesize: Int!, duration: Int)
UpdateMediaItemInput(objectName: String, thumbnailObjectName: String, mediaType: String, timestamp: DateTime, order: Int, filesize: Int, duration: Int)
GPXTrackInput(name: String!, gpxFileObjectName: String, originalFilename: String, tripId: ID!, memoryId: ID, creator: String, trackType: String)
UpdateGPXTrackInput(name: String, gpxFileObjectName: String, originalFilename: String, memoryId: ID, creator: String, trackType: String)
TagInput(name: String!, emoji: String, color: String, tagDescription: String, categoryId: ID)
UpdateTagInput(name: String, color: String, categoryId: ID)
TagCategoryInput(name: String!, emoji: String, color: String)
UpdateTagCategoryInput(name: String, color: String, icon: String)
BucketListItemInput(name: String!, country: String, region: String, type: String, latitude1: Float, longitude1: Float, latitude2: Float, longitude2: Float, isDone: Boolean)
RoutePointInput(latitude: Float!, longitude: Float!, altitude: Float, speed: Float, timestamp: DateTime!, tripId: ID)
UploadRequest(entityId: ID!, entityType: String!, objectName: String!, mimeType: String!)`;

const OUTPUTS = `
Trip(id: ID!, name: String!, tripDescription: String, travelCompanions: String, visitedCountries: String, coverImageObjectName: String, coverImageUrl: String, startDate: DateTime!, endDate: DateTime, isActive: Boolean!, totalDistance: Float!, gpsTrackingEnabled: Boolean!, createdAt: DateTime!, updatedAt: DateTime!, memories: [Memory!]!, routePoints: [RoutePoint!]!, gpxTracks: [GPXTrack!]!, trackSegments: [TrackSegment!]!)
Memory(id: ID!, title: String!, text: String, content: String, timestamp: DateTime!, date: DateTime!, latitude: Float!, longitude: Float!, locationName: String, address: String, weatherJSON: String, mediaItems: [MediaItem!]!, tags: [Tag!]!, tripId: ID!, gpxTrack: GPXTrack, userId: ID!, location: Location, createdAt: DateTime!, updatedAt: DateTime!)
MediaItem(id: ID!, mimeType: String!, timestamp: DateTime!, order: Int!, s3Key: String!, filename: String!, originalFilename: String, fileSize: Int!, duration: Float, thumbnailS3Key: String, memory: Memory!, downloadUrl: String, thumbnailUrl: String, createdAt: DateTime!, updatedAt: DateTime!)
GPXTrack(id: ID!, name: String!, description: String, originalFilename: String, gpxFileObjectName: String, creator: String, trackType: String, totalDistance: Float, totalDuration: Float, averageSpeed: Float, maxSpeed: Float, elevationGain: Float, elevationLoss: Float, minElevation: Float, maxElevation: Float, totalPoints: Int, startTime: DateTime, endTime: DateTime, createdAt: DateTime!, updatedAt: DateTime!, tripId: ID!, downloadUrl: String, segments: [TrackSegment!]!)
Tag(id: ID!, name: String!, normalizedName: String, displayName: String, emoji: String, color: String, tagDescription: String, isSystemTag: Boolean!, usageCount: Int!, sortOrder: Int!, isArchived: Boolean!, category: TagCategory, categoryId: String, relatedTags: [Tag!], createdAt: DateTime!, updatedAt: DateTime!)
TagCategory(id: ID!, name: String!, displayName: String, emoji: String, color: String, isSystemCategory: Boolean!, sortOrder: Int!, isExpanded: Boolean!, tags: [Tag!]!, createdAt: DateTime!, updatedAt: DateTime!)
BucketListItem(id: ID!, name: String!, country: String, region: String, type: String, latitude1: Float, longitude1: Float, latitude2: Float, longitude2: Float, isDone: Boolean!, completedAt: DateTime, createdAt: DateTime!, updatedAt: DateTime!, memories: [Memory!])
User(id: ID!, email: String!, username: String!, firstName: String, lastName: String, profileImageUrl: String, isActive: Boolean!, isEmailVerified: Boolean!, lastLoginAt: DateTime, createdAt: DateTime!, updatedAt: DateTime!, roles: [String!]!, displayName: String!, initials: String!, isOnline: Boolean!)
AuthResponse(token: String!, user: User!)
TripMembership(id: ID!, role: TripRole!)
TripMembershipResponse(id: ID!, tripId: String!, userId: String!, role: TripRole!, status: String!, user: User!, trip: Trip, createdAt: DateTime!)
RoutePoint(id: ID!, latitude: Float!, longitude: Float!, altitude: Float, speed: Float, timestamp: DateTime!, created_at: DateTime!)
TrackMetadata(transportationMode: String, movementPattern: String, terrainType: String, weatherConditions: String, createdAt: DateTime!)
SyncResponse(trips: [Trip!]!, memories: [Memory!]!, tags: [Tag!]!, tagCategories: [TagCategory!]!, mediaItems: [MediaItem!]!, gpxTracks: [GPXTrack!]!, bucketListItems: [BucketListItem!]!, deleted: DeletedIds!, serverTimestamp: DateTime!)
DeletedIds(trips: [ID!]!, memories: [ID!]!, tags: [ID!]!, tagCategories: [ID!]!, mediaItems: [ID!]!, gpxTracks: [ID!]!, bucketListItems: [ID!]!)
PresignedUrlResponse(uploadUrl: String!, downloadUrl: String, expiresIn: Float, objectKey: String!)
FileSyncResponse(downloadUrls: [FileDownloadUrl!]!, generatedAt: DateTime!)
BulkUploadResponse(uploadUrls: [BulkUploadUrl!]!, generatedAt: DateTime!)`;

/** Names of types that lists of operations don't say for themselves. */
const ENUMS = { TripRole: ['EDITOR', 'OWNER', 'VIEWER'], Permission: ['ADMIN', 'READ', 'WRITE'] };

interface Line {
  readonly name: string;
  readonly members: readonly (readonly [name: string, type: string, preset: string | null])[];
  readonly type: string;
}

const linesOf = (text: string): Line[] =>
  text
    .trim()
    .split('\n')
    .map((line) => {
      const [, name = '', inner = '', type = ''] = /^(\w+)\(([^)]*)\)\s*(.*)$/.exec(line) ?? [];
      const members = inner.split(', ').filter(Boolean);
      return {
        name,
        type,
        members: members.map((member) => {
          const [, field = '', of = '', preset = null] = /^(\w+): (\S+?)(?: = (.*))?$/.exec(member) ?? [];
          return [field, of, preset] as const;
        }),
      };
    });

const shown = ({ name, type, defaultValue }: GraphQLArgument | GraphQLInputField) =>
  [name, String(type), defaultValue === undefined ? null : String(defaultValue)] as const;

/** The members asked for, as they are, and all that are required beyond those. */
function membersOf(line: Line, there: readonly (GraphQLArgument | GraphQLInputField)[]) {
  const asked = new Set(line.members.map(([name]) => name));
  return there
    .filter(
      ({ name, type, defaultValue }) =>
        asked.has(name) || (String(type).endsWith('!') && defaultValue === undefined),
    )
    .map(shown);
}

const sorted = (members: readonly (readonly unknown[])[]) =>
  [...members].sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));

test.each([
  ['queries', schema.getQueryType(), QUERIES],
  ['mutations', schema.getMutationType(), MUTATIONS],
])('%s', (_name, root, text) => {
  for (const line of linesOf(text)) {
    const field = root?.getFields()[line.name];
    expect([line.name, field && String(field.type)]).toEqual([line.name, line.type]);
    const members = line.members.map(([name, type, preset]) =>
      line.name === 'createUploadUrl' && name === 'mimeType'
        ? [name, type, 'application/octet-stream']
        : [name, type, preset],
    );
    expect([line.name, sorted(membersOf(line, field?.args ?? []))]).toEqual([line.name, sorted(members)]);
  }
});

test.each(linesOf(INPUTS).map((line) => [line.name, line] as const))('input %s', (name, line) => {
  const type = schema.getType(name);
  if (!isInputObjectType(type)) throw new Error(`${name} is no input`);
  expect(sorted(membersOf(line, Object.values(type.getFields())))).toEqual(sorted(line.members));
});

test.each(linesOf(OUTPUTS).map((line) => [line.name, line] as const))('answer %s', (name, line) => {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new Error(`${name} is no type`);
  const fields = type.getFields();
  expect(line.members.map(([field]) => [field, String(fields[field]?.type)])).toEqual(
    line.members.map(([field, of]) => [field, of]),
  );
});

test.each(Object.entries(ENUMS))('enum %s', (name, values) => {
  const type = schema.getType(name);
  expect(
    type &&
      'getValues' in type &&
      type
        .getValues()
        .map((value) => value.name)
        .sort(),
  ).toEqual(values);
});

test('expiresIn of batches is an Int, in and out', () => {
  for (const name of ['BulkUploadUrl', 'FileDownloadUrl']) {
    const type = schema.getType(name);
    expect(isObjectType(type) && String(type.getFields().expiresIn?.type)).toMatch(/^Int!?$/);
  }
});
