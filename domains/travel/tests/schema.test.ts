/** The schema is the contract with apps that are out there: every name, type and nullability stands here once more. */
import { readFileSync } from 'node:fs';
import { printTravelSchema } from '@ackord/travel';
import {
  buildSchema,
  type GraphQLField,
  type GraphQLInputField,
  isEnumType,
  isInputObjectType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { describe, expect, test } from 'vitest';

const schema = buildSchema(printTravelSchema());

test('schema.graphql is fresh (npm run generate)', () => {
  expect(readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8')).toBe(printTravelSchema());
});

const ENUMS = {
  SyncStatus: 'IN_SYNC NEEDS_UPLOAD NEEDS_DOWNLOAD UPLOADING DOWNLOADING SYNC_ERROR FILES_PENDING CONFLICT',
  SyncPriority: 'LOW NORMAL HIGH CRITICAL',
  SyncOperation: 'CREATE UPDATE DELETE',
  ConflictType: 'VERSION_MISMATCH CONCURRENT_MODIFICATION DEPENDENCY_CONFLICT DELETION_CONFLICT',
  ConflictResolutionStrategy: 'LAST_WRITE_WINS FIRST_WRITE_WINS MANUAL_RESOLUTION KEEP_BOTH',
  TripRole: 'OWNER EDITOR VIEWER',
  Permission: 'READ WRITE ADMIN',
};

test.each(Object.entries(ENUMS))('enum %s', (name, values) => {
  const type = schema.getType(name);
  expect(isEnumType(type) && type.getValues().map((value) => value.name)).toEqual(values.split(' '));
});

/** Arguments that apps already send; more may be there, as long as they can be left out. */
const OPERATIONS: Record<string, string> = {
  'Query.hello': ': String!',
  'Query.getCurrentUser': ': User',
  'Query.enhancedSync':
    'lastSyncedAt: DateTime!, syncPriority: SyncPriority, entityTypes: [String!], batchSize: Int, cursor: String: EnhancedSyncResponse!',
  'Query.getConflicts': 'entityType: String, limit: Int = 20: [ConflictResult!]!',
  'Query.getTripMembers': 'tripId: ID!: [TripMembershipResponse!]!',
  'Mutation.register': 'input: UserInput!: User!',
  'Mutation.login': 'input: UserInput!: AuthResponse!',
  'Mutation.updateUser': 'input: UpdateUserInput!: User!',
  'Mutation.bulkSync': 'input: BulkSyncInput!: BulkSyncResponse!',
  'Mutation.resolveConflict':
    'conflictId: ID!, strategy: ConflictResolutionStrategy!, resolvedData: String: ConflictResolution!',
  'Mutation.shareTrip': 'tripId: ID!, email: String!, permission: Permission!: TripMembership!',
  'Query.getPresignedUploadUrl': 'filename: String!, mimeType: String!: PresignedUrlResponse!',
  'Query.getPresignedDownloadUrl': 'objectKey: String!: PresignedUrlResponse!',
  'Query.generateBatchDownloadUrls':
    'mediaItemIds: [ID!], gpxTrackIds: [ID!], expiresIn: Int: FileSyncResponse!',
  'Mutation.createUploadUrl':
    'filename: String!, mimeType: String = application/octet-stream: PresignedUrlResponse!',
  'Mutation.generateGpxUploadUrl': 'filename: String!: PresignedUrlResponse!',
  'Mutation.generateTripCoverImageUploadUrl': 'tripId: ID!, contentType: String!: PresignedUrlResponse!',
  'Mutation.assignCoverImageToTrip': 'tripId: ID!, objectName: String!: Trip!',
  'Mutation.generateBatchUploadUrls':
    'uploadRequests: [UploadRequest!]!, expiresIn: Int: BulkUploadResponse!',
  'Mutation.markFileUploadComplete': 'entityId: ID!, entityType: String!, objectName: String!: Boolean!',
  'Mutation.unshareTrip': 'tripId: ID!, userId: ID!: Boolean!',
};

test.each(Object.entries(OPERATIONS))('operation %s', (path, signature) => {
  const [typeName = '', fieldName = ''] = path.split('.');
  const field = outputFields(typeName)[fieldName];
  const args = field?.args.map(
    ({ name, type, defaultValue }) =>
      `${name}: ${type}${defaultValue === undefined ? '' : ` = ${defaultValue}`}`,
  );
  expect(`${args?.join(', ')}: ${field?.type}`).toBe(signature);
});

const STAMPS = 'id ID!, createdAt DateTime!, updatedAt DateTime!';
const SYNC =
  'lastSyncAttempt DateTime, syncErrorMessage String, syncVersion Int!, isDirty Boolean!, needsSync Boolean!, syncStatus SyncStatus!, syncPriority SyncPriority!';

const OUTPUTS: Record<string, string> = {
  Trip: `${STAMPS}, ${SYNC}, name String!, tripDescription String, travelCompanions String, visitedCountries String,
    coverImageObjectName String, startDate DateTime!, endDate DateTime, isActive Boolean!, totalDistance Float!,
    gpsTrackingEnabled Boolean!, memories [Memory!]!, gpxTracks [GPXTrack!]!, role TripRole, coverImageUrl String`,
  Memory: `${STAMPS}, ${SYNC}, title String!, text String, content String, timestamp DateTime!, date DateTime!,
    latitude Float!, longitude Float!, locationName String, address String, location Location, weatherJSON String,
    mediaItems [MediaItem!]!, tags [Tag!]!, tripId ID!, gpxTrack GPXTrack, userId ID!`,
  Location: 'latitude Float!, longitude Float!, name String',
  MediaItem: `${STAMPS}, ${SYNC}, mimeType String!, timestamp DateTime!, order Int!, s3Key String!, filename String!,
    originalFilename String, fileSize Int!, duration Float, thumbnailS3Key String, memory Memory!, downloadUrl String,
    thumbnailUrl String, uploadedObjectName String, fileSha256 String`,
  GPXTrack: `${STAMPS}, ${SYNC}, name String!, description String, originalFilename String, gpxFileObjectName String,
    creator String, trackType String, totalDistance Float, totalDuration Float, averageSpeed Float, maxSpeed Float,
    elevationGain Float, elevationLoss Float, minElevation Float, maxElevation Float, totalPoints Int,
    startTime DateTime, endTime DateTime, tripId ID!, downloadUrl String, uploadedObjectName String, fileSha256 String`,
  Tag: `${STAMPS}, ${SYNC}, name String!, normalizedName String, displayName String, emoji String, color String,
    tagDescription String, isSystemTag Boolean!, usageCount Int!, sortOrder Int!, isArchived Boolean!,
    category TagCategory, categoryId String, relatedTags [Tag!]`,
  TagCategory: `${STAMPS}, ${SYNC}, name String!, displayName String, emoji String, color String,
    isSystemCategory Boolean!, sortOrder Int!, isExpanded Boolean!`,
  BucketListItem: `${STAMPS}, ${SYNC}, name String!, country String, region String, type String, latitude1 Float,
    longitude1 Float, latitude2 Float, longitude2 Float, isDone Boolean!, completedAt DateTime`,
  User: `id ID!, email String!, username String!, firstName String, lastName String, profileImageUrl String,
    isActive Boolean!, isEmailVerified Boolean!, lastLoginAt DateTime, createdAt DateTime!, updatedAt DateTime!,
    roles [String!]!, displayName String!, initials String!, isOnline Boolean!`,
  PresignedUrlResponse: 'uploadUrl String!, downloadUrl String, expiresIn Float, objectKey String!',
  FileDownloadUrl:
    'entityId ID!, entityType String!, objectName String!, downloadUrl String!, expiresIn Int!',
  FileSyncResponse: 'downloadUrls [FileDownloadUrl!]!, generatedAt DateTime!',
  BulkUploadUrl: 'entityId ID!, entityType String!, objectName String!, uploadUrl String!, expiresIn Int!',
  BulkUploadResponse: 'uploadUrls [BulkUploadUrl!]!, generatedAt DateTime!',
  AuthResponse: 'token String!, user User!',
  TripMembership: 'id ID!, role TripRole!',
  TripMembershipResponse: `id ID!, tripId String!, userId String!, role TripRole!, status String!, user User!, trip Trip,
    createdAt DateTime!`,
  BulkSyncResponse: `successful [SyncResult!]!, conflicts [ConflictResult!]!, failed [SyncError!]!,
    serverTimestamp DateTime!, processedCount Int!`,
  SyncResult: `entityType String!, entityId ID!, operation String!, clientId ID, syncVersion Int, updatedAt DateTime,
    replayed Boolean, outcome String, mergedFields [String!], conflictId ID, canonicalId ID, seq Float, data String`,
  SyncError: `entityType String!, entityId ID!, error String!, code String, clientId ID, index Int, retryable Boolean`,
  EnhancedSyncResponse: `trips [Trip!]!, memories [Memory!]!, mediaItems [MediaItem!]!, gpxTracks [GPXTrack!]!,
    tags [Tag!]!, tagCategories [TagCategory!]!, bucketListItems [BucketListItem!]!, deleted DeletedIds!,
    conflicts [ConflictResult!]!, serverTimestamp DateTime!, hasMore Boolean!, nextCursor String, totalCount Int!,
    batchSize Int!, fullResyncRequired Boolean`,
  DeletedIds: `trips [ID!]!, memories [ID!]!, mediaItems [ID!]!, gpxTracks [ID!]!, tags [ID!]!, tagCategories [ID!]!,
    bucketListItems [ID!]!`,
  ConflictResult: `id ID!, entityType String!, entityId ID!, conflictType ConflictType!, localVersion Int!,
    remoteVersion Int!, localData String!, remoteData String!, conflictedFields [String!]!, timestamp DateTime!`,
  ConflictResolution: `conflictId ID!, strategy ConflictResolutionStrategy!, resolvedData String, resolvedAt DateTime!,
    resolvedBy ID!, newEntityId ID, syncVersion Int`,
};

const ROW = `id ID, syncVersion Int!, clientTimestamp DateTime!, operation SyncOperation!, clientId ID, changeId ID,
  baseFields String, transactionId ID, syncPriority SyncPriority`;

const INPUTS: Record<string, string> = {
  UserInput: 'email String!, password String!',
  UploadRequest: 'entityId ID!, entityType String!, objectName String!, mimeType String!',
  UpdateUserInput: 'username String, email String, firstName String, lastName String',
  LocationInput: 'latitude Float!, longitude Float!, name String',
  BulkSyncInput: `memories [BulkMemoryInput!]!, trips [BulkTripInput!]!, mediaItems [BulkMediaItemInput!]!,
    gpxTracks [BulkGPXTrackInput!]!, tags [BulkTagInput!]!, tagCategories [BulkTagCategoryInput!]!,
    bucketListItems [BulkBucketListItemInput!]!, clientBatchId ID, deviceId ID`,
  BulkMemoryInput: `${ROW}, title String, content String, date DateTime, tripId ID, latitude Float, longitude Float,
    address String, location LocationInput, weatherJSON String, tagIds [ID!], bucketListItemId ID, gpxTrackId ID`,
  BulkTripInput: `${ROW}, name String, tripDescription String, travelCompanions String, visitedCountries String,
    startDate DateTime, endDate DateTime, isActive Boolean, totalDistance Float, gpsTrackingEnabled Boolean,
    coverImageObjectName String`,
  BulkMediaItemInput: `${ROW}, memoryId ID, objectName String, thumbnailObjectName String, mediaType String,
    timestamp DateTime, order Int, filesize Int, duration Float`,
  BulkGPXTrackInput: `${ROW}, tripId ID, memoryId ID, name String, description String, originalFilename String,
    gpxFileObjectName String, creator String, trackType String, startTime DateTime, endTime DateTime,
    totalDistance Float, totalDuration Float, averageSpeed Float, maxSpeed Float, elevationGain Float,
    elevationLoss Float, minElevation Float, maxElevation Float, totalPoints Int`,
  BulkTagInput: `${ROW}, name String, normalizedName String, displayName String, emoji String, color String,
    tagDescription String, categoryId ID, isArchived Boolean, sortOrder Int, relatedTagIds [ID!]`,
  BulkTagCategoryInput: `${ROW}, name String, displayName String, emoji String, color String, sortOrder Int,
    isExpanded Boolean`,
  BulkBucketListItemInput: `${ROW}, name String, country String, region String, type String, latitude1 Float,
    longitude1 Float, latitude2 Float, longitude2 Float, isDone Boolean, completedAt DateTime`,
};

function outputFields(name: string): Record<string, GraphQLField<unknown, unknown>> {
  const type = schema.getType(name);
  return isObjectType(type) ? type.getFields() : {};
}

function inputFields(name: string): Record<string, GraphQLInputField> {
  const type = schema.getType(name);
  return isInputObjectType(type) ? type.getFields() : {};
}

const table = (text: string): Record<string, string> =>
  Object.fromEntries(text.split(',').map((line) => line.trim().split(' ') as [string, string]));
const typesOf = (fields: Record<string, { type: unknown }>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([name, { type }]) => [name, String(type)]));

test.each(Object.entries(OUTPUTS))('type %s', (name, fields) => {
  expect(typesOf(outputFields(name))).toMatchObject(table(fields));
});

describe.each(Object.entries(INPUTS))('input %s', (name, fields) => {
  test('has these fields', () => {
    expect(typesOf(inputFields(name))).toMatchObject(table(fields));
  });
  test('demands nothing else', () => {
    const required = Object.values(inputFields(name)).filter((field) => isRequiredArgument(field as never));
    for (const field of required) expect(fields).toContain(`${field.name} ${field.type}`);
  });
  test('takes nothing that only the server sets', () => {
    for (const own of [
      'isSystemTag',
      'uploadedObjectName',
      'fileSha256',
      'usageCount',
      'isSystemCategory',
      'createdAt',
      'userId',
      'syncStatus',
      'isDirty',
    ]) {
      expect(inputFields(name)).not.toHaveProperty(own);
    }
  });
});

test('no output shows a password or who stands behind an account', () => {
  for (const field of Object.keys(outputFields('User'))) expect(field).not.toMatch(/password|hash/i);
});
