/**
 * The documents that apps in the field send, made from a table: name, kind, variables, what is selected. `__typename`
 * can be added to every selection set, as their client library does.
 */
import { type DocumentNode, Kind, parse, print, type SelectionSetNode, visit } from 'graphql';

export interface DocumentRow {
  readonly name: string;
  readonly kind: 'query' | 'mutation';
  /** As a document declares them, without the dollar: `id: ID!, input: UpdateTripInput!`. */
  readonly variables: string;
  readonly field: string;
  /** Empty: the field gives a scalar. */
  readonly selection: string;
}

export type Typenames = 'none' | 'nested' | 'everywhere';
export const TYPENAMES: readonly Typenames[] = ['none', 'nested', 'everywhere'];

/** All variables are passed on as arguments of the same name. */
export function textOf(row: DocumentRow, typenames: Typenames = 'none'): string {
  const { name, kind, variables, field, selection } = row;
  const names = [...variables.matchAll(/(\w+):/g)].map(([, variable]) => variable);
  const declared = variables === '' ? '' : `(${variables.replace(/(\w+):/g, '$$$1:')})`;
  const passed = names.length === 0 ? '' : `(${names.map((one) => `${one}: $${one}`).join(', ')})`;
  const selected = selection === '' ? '' : ` { ${selection} }`;
  return withTypenames(`${kind} ${name}${declared} { ${field}${passed}${selected} }`, typenames);
}

export function withTypenames(text: string, typenames: Typenames): string {
  return typenames === 'none' ? text : print(addTypenames(parse(text), typenames === 'everywhere'));
}

const addTypenames = (document: DocumentNode, alsoRoot: boolean): DocumentNode =>
  visit(document, {
    SelectionSet: {
      leave(node: SelectionSetNode, _key, parent) {
        const isRoot = parent !== undefined && 'kind' in parent && parent.kind === Kind.OPERATION_DEFINITION;
        if (isRoot && !alsoRoot) return undefined;
        const typename = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } } as const;
        return { ...node, selections: [typename, ...node.selections] };
      },
    },
  });

/** `Name(variables) field { selection }` a line: how the tables below are read. */
export function rowsOf(kind: DocumentRow['kind'], lines: string): DocumentRow[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const [, name = '', variables = '', field = '', selection = ''] =
        /^\s*(\w+)(?:\(([^)]*)\))?\s+(\w+)(?:\s*\{(.*)\})?\s*$/.exec(line) ?? [];
      if (field === '') throw new Error(`No document: ${line}`);
      return { name, kind, variables, field, selection: selection.trim() };
    });
}

const DELETED = 'trips memories tags tagCategories mediaItems gpxTracks bucketListItems';

/** What the app keeps of each list of a sync, in the order in which it applies them. */
export const SYNC_FIELDS = {
  trips:
    'id name tripDescription travelCompanions visitedCountries startDate endDate isActive totalDistance gpsTrackingEnabled createdAt updatedAt',
  memories: 'id title text timestamp latitude longitude locationName createdAt updatedAt tripId',
  mediaItems:
    'id filename originalFilename mimeType timestamp order fileSize duration createdAt updatedAt memory { id }',
  gpxTracks: 'id name originalFilename creator trackType createdAt updatedAt tripId',
  tags: 'id name emoji color isSystemTag usageCount createdAt updatedAt categoryId tagDescription',
  tagCategories: 'id name displayName emoji color isSystemCategory sortOrder isExpanded createdAt updatedAt',
  bucketListItems:
    'id name country region type latitude1 longitude1 latitude2 longitude2 isDone createdAt updatedAt completedAt',
} as const;

export type ListName = keyof typeof SYNC_FIELDS;
export const LIST_NAMES = Object.keys(SYNC_FIELDS) as ListName[];

const SYNC_SELECTION = `${LIST_NAMES.map((list) => `${list} { ${SYNC_FIELDS[list]} }`).join(' ')} deleted { ${DELETED} } serverTimestamp`;

const TRIP = 'id name tripDescription startDate endDate updatedAt';
const TAG = 'id name emoji color tagDescription categoryId';
const CATEGORY = 'id name displayName emoji color isSystemCategory sortOrder isExpanded createdAt updatedAt';
const WISH =
  'id name country region type latitude1 longitude1 latitude2 longitude2 isDone createdAt updatedAt completedAt';

/** The 27 of the app. */
export const APP_DOCUMENTS: readonly DocumentRow[] = [
  ...rowsOf(
    'query',
    `Sync(lastSyncedAt: DateTime!) sync { ${SYNC_SELECTION} }
    GenerateBatchDownloadUrls(mediaItemIds: [ID!], gpxTrackIds: [ID!], expiresIn: Int) generateBatchDownloadUrls { downloadUrls { entityId entityType objectName downloadUrl expiresIn } generatedAt }`,
  ),
  ...rowsOf(
    'mutation',
    `UserRegistration(input: UserInput!) register { id email }
    UserLogin(input: UserInput!) login { token user { id email username displayName } }
    CreateTrip(input: TripInput!) createTrip { ${TRIP} }
    UpdateTrip(id: ID!, input: UpdateTripInput!) updateTrip { ${TRIP} }
    DeleteTrip(id: ID!) deleteTrip
    CreateMemory(input: MemoryInput!) createMemory { id updatedAt }
    UpdateMemory(id: String!, input: UpdateMemoryInput!) updateMemory { id updatedAt }
    DeleteMemory(id: String!) deleteMemory
    CreateMediaItem(input: MediaItemInput!) createMediaItem { id updatedAt }
    UpdateMediaItem(id: String!, input: UpdateMediaItemInput!) updateMediaItem { id s3Key thumbnailS3Key mimeType timestamp order fileSize duration createdAt updatedAt }
    DeleteMediaItem(id: String!) deleteMediaItem
    CreateGPXTrack(input: GPXTrackInput!) createGpxTrack { id updatedAt }
    UpdateGPXTrack(id: ID!, input: UpdateGPXTrackInput!) updateGpxTrack { id name gpxFileObjectName originalFilename creator trackType totalDistance elevationGain elevationLoss minElevation maxElevation createdAt updatedAt }
    DeleteGPXTrack(id: ID!) deleteGpxTrack
    CreateTag(input: TagInput!) createTag { ${TAG} }
    UpdateTag(id: String!, input: UpdateTagInput!) updateTag { ${TAG} }
    DeleteTag(id: String!) deleteTag
    CreateTagCategory(input: TagCategoryInput!) createTagCategory { ${CATEGORY} }
    UpdateTagCategory(id: String!, input: UpdateTagCategoryInput!) updateTagCategory { ${CATEGORY} }
    DeleteTagCategory(id: String!) deleteTagCategory
    CreateBucketListItem(input: BucketListItemInput!) createBucketListItem { ${WISH} }
    UpdateBucketListItem(id: ID!, input: BucketListItemInput!) updateBucketListItem { ${WISH} }
    DeleteBucketListItem(id: ID!) deleteBucketListItem
    GenerateBatchUploadUrls(uploadRequests: [UploadRequest!]!, expiresIn: Int) generateBatchUploadUrls { uploadUrls { entityId entityType objectName uploadUrl expiresIn } generatedAt }
    MarkFileUploadComplete(entityId: ID!, entityType: String!, objectName: String!) markFileUploadComplete`,
  ),
];

const USER = 'id email username createdAt';
const OLD_TRIP = 'id name startDate endDate createdAt updatedAt';

/** Of the first app, which wrote its documents by hand: those that hold. */
export const FIRST_DOCUMENTS: readonly DocumentRow[] = [
  ...rowsOf(
    'query',
    `Hello hello
    GetTrips trips { ${OLD_TRIP} tripDescription }
    GetTrip(id: ID!) trip { ${OLD_TRIP} }
    GetCurrentUser getCurrentUser { ${USER} }
    GetMemories(tripId: ID) memories { id title content date latitude longitude address userId tripId tags { id name } createdAt updatedAt }
    GetAllMemories memories { id title text timestamp location { latitude longitude name } tripId mediaItems { id s3Key } }
    ListUsers listUsers { success message users { id email createdAt } }`,
  ),
  ...rowsOf(
    'mutation',
    `CreateTrip(input: TripInput!) createTrip { ${OLD_TRIP} }
    UpdateTrip(id: ID!, input: UpdateTripInput!) updateTrip { ${OLD_TRIP} }
    DeleteTrip(id: ID!) deleteTrip
    CreateMemory(input: MemoryInput!) createMemory { id title content date userId tripId createdAt updatedAt }
    ClaimTrip(tripId: ID!) claimTrip { ${OLD_TRIP} }
    Login(input: UserInput!) login { token user { ${USER} } }
    LoginShort(input: UserInput!) login { token user { id } }
    Register(input: UserInput!) register { id email createdAt updatedAt }
    UpdateUser(input: UpdateUserInput!) updateUser { id email username firstName lastName updatedAt }
    ResetUserPassword(email: String!, newPassword: String!) resetUserPassword { success message }
    EnsureAdminUser(email: String!, password: String!) ensureAdminUser { success message }`,
  ),
];

/** And those that no server ever took. */
export const BROKEN_DOCUMENTS: readonly DocumentRow[] = [
  ...rowsOf(
    'query',
    `GetTags tags { id name userId }
    GetTagCategories tagCategories { id name icon userId }
    GetCurrentUser me { id email }`,
  ),
  ...rowsOf(
    'mutation',
    `CreateTag(input: TagInput!) createTag { id name userId }
    CreateTagCategory(input: TagCategoryInput!) createTagCategory { id name icon userId }
    UpdateMemory(id: ID!, input: UpdateMemoryInput!) updateMemory { id }
    DeleteMemory(id: ID!) deleteMemory
    CreateMediaItem(input: MediaItemInput!) createMediaItem { id s3Bucket memoryId tripId }
    Login(input: UserInput!) login { token refreshToken user { id } }
    Register(input: UserInput!) register { token refreshToken user { id } }
    RefreshToken(refreshToken: String!) refreshToken { token }`,
  ),
];

const byName = new Map(APP_DOCUMENTS.map((row) => [row.name, row]));

export function appDocument(name: string): DocumentRow {
  const row = byName.get(name);
  if (!row) throw new Error(`The app has no document ${name}`);
  return row;
}
