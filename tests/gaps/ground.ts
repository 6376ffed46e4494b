/**
 * The travel journal as the tests of the gaps use it: GraphQL over HTTP on a PostgreSQL of its own. People have
 * several devices; every answer that anybody gets is checked for words that are none of a caller's business.
 */
import { randomUUID } from 'node:crypto';
import { travelDomain, travelGraphQL } from '@ackord/travel';
import pg from 'pg';
import { expect } from 'vitest';
import { type Answer, type Ask, type GraphQLServer, type Loose, startGraphQL } from '../support/graphql.ts';

export type { Answer, Loose } from '../support/graphql.ts';

export const AT = '2024-05-01T12:00:00.000Z';
export const NEVER = '0001-01-01T00:00:00.000Z';
/** A moment, minutes after AT. */
export const later = (minutes: number): string => new Date(Date.parse(AT) + minutes * 60_000).toISOString();

export interface Ground {
  readonly server: GraphQLServer;
  /** Rows of a statement, by the role that sees everything. */
  sql(text: string, values?: readonly unknown[]): Promise<Loose[]>;
  /** A new user, on a device of its own. */
  person(): Promise<Person>;
  /** The same user at this server. */
  guest(person: Pick<Person, 'userId' | 'email' | 'token' | 'device'>): Person;
  /** Asks without a token. */
  readonly nobody: Ask;
  close(): Promise<void>;
}

export interface Person {
  readonly userId: string;
  readonly email: string;
  readonly token: string;
  readonly device: string;
  readonly ask: Ask;
  /** The data of an answer without errors. */
  data(query: string, variables?: Record<string, unknown>): Promise<Loose>;
  /** The answer of bulkSync, with all that it can tell. */
  push(input: Record<string, unknown>): Promise<Loose>;
  /** A page of enhancedSync, with all fields of all types. */
  pull(args?: Record<string, unknown>): Promise<Loose>;
  /** The same user on another device. */
  on(device: string): Person;
}

export async function startTravel(
  environment: Record<string, string> = {},
  beside?: GraphQLServer,
): Promise<Ground> {
  const server = await startGraphQL({
    domains: [travelDomain],
    graphql: [{ ...travelGraphQL, path: '/graphql' }],
    environment,
    ...(beside && { beside }),
  });
  const pool = new pg.Pool({
    connectionString: server.database.ownerUrl,
    options: '-c search_path=ackord',
    max: 2,
  });
  // At the end the database is dropped with whoever is still saying goodbye.
  pool.on('error', () => undefined);
  return {
    server,
    nobody: clean(server.anonymous()),
    sql: async (text, values = []) => (await pool.query(text, [...values])).rows,
    async person() {
      const { userId, email, token } = await server.caller();
      return personOn({ userId, email, token }, `device-${randomUUID()}`, server.anonymous());
    },
    guest: (person) => personOn(person, person.device, server.anonymous()),
    async close() {
      await pool.end();
      await server.close();
    },
  };
}

function personOn(who: { userId: string; email: string; token: string }, device: string, base: Ask): Person {
  const own = { authorization: `Bearer ${who.token}`, 'x-device-id': device };
  const ask = clean((query, variables, more) =>
    base(query, variables, { ...more, headers: { ...own, ...more?.headers } }),
  );
  const data: Person['data'] = async (query, variables) => {
    const answer = await ask(query, variables);
    expect(answer).toMatchObject({ status: 200, errors: [] });
    return answer.data;
  };
  return {
    ...who,
    device,
    ask,
    data,
    push: async (input) => (await data(PUSH, { input })).bulkSync,
    pull: async (args = {}) => (await data(PULL, { since: NEVER, batchSize: 5_000, ...args })).enhancedSync,
    on: (other) => personOn(who, other, base),
  };
}

const clean =
  (ask: Ask): Ask =>
  async (...asked) => {
    const answer = await ask(...asked);
    expectClean(answer);
    return answer;
  };

/** Words of the database, its driver and our own sources. Tests send none of them, so no answer may hold one. */
const TELLTALES =
  /pg_|constraint|duplicate key|syntax error at|relation "|violates|SQLSTATE|SELECT |INSERT |UPDATE "|\\n\s+at |node_modules|\.ts:\d|\/packages\/|postgres|password_hash|TypeError|RangeError|undefined/;

/** Signed texts, cursors and tokens: any letters may meet in them. */
const SIGNED = /\b[\w-]+\.[\w-]{16,}\.[\w-]{16,}/g;

export function expectClean(answer: Answer): void {
  expect(JSON.stringify(answer).replace(SIGNED, 'signed')).not.toMatch(TELLTALES);
}

export const codeOf = (answer: Answer): unknown => answer.errors[0]?.extensions.code;

// Rows of bulkSync

type Row = Record<string, unknown> & { readonly id: string };

const row = (operation: string, id: string, syncVersion: number, fields: object, clientTimestamp: string) =>
  ({ operation, id, syncVersion, clientTimestamp, ...fields }) as Row;
export const create = (fields: object, at: string = AT): Row => row('CREATE', randomUUID(), 0, fields, at);
export const update = (id: string, version: number, fields: object, at: string = AT): Row =>
  row('UPDATE', id, version, fields, at);
export const remove = (id: string, version: number, at: string = AT): Row =>
  row('DELETE', id, version, {}, at);

export const trip = (fields: object = {}): Row => create({ name: 'Brittany', startDate: AT, ...fields });
export const memory = (tripId: string, fields: object = {}): Row =>
  create({ title: 'Lighthouse', tripId, ...fields });
export const media = (memoryId: string, fields: object = {}): Row =>
  create({ memoryId, objectName: 'a.jpg', mediaType: 'image/jpeg', order: 0, filesize: 5, ...fields });
export const track = (tripId: string, fields: object = {}): Row =>
  create({ tripId, name: 'Coast', ...fields });

/** One of each type, each with a link where there can be one. */
export function journal() {
  const category = create({ name: 'Sights' });
  const tag = create({ name: 'Lighthouse', categoryId: category.id });
  const wish = create({ name: 'Ushant', latitude1: 48.46, longitude1: -5.1 });
  const parent = trip();
  const note = memory(parent.id, { content: 'Tall and white.', tagIds: [tag.id], bucketListItemId: wish.id });
  const picture = media(note.id);
  const way = track(parent.id, { memoryId: note.id });
  const input = {
    tagCategories: [category],
    tags: [tag],
    bucketListItems: [wish],
    trips: [parent],
    memories: [note],
    mediaItems: [picture],
    gpxTracks: [way],
  };
  return { category, tag, wish, parent, note, picture, way, input };
}

/** Sends one of each type, and gives the rows back. */
export async function journalOf(person: Person) {
  const { input, ...rows } = journal();
  await pushed(person, input);
  return { ...rows, input };
}

// Documents

const CONFLICT = `id entityType entityId conflictType localVersion remoteVersion localData remoteData baseData
  conflictedFields timestamp status strategy winner resolvedAt clientId index`;

export const PUSH = `mutation Push($input: BulkSyncInput!) { bulkSync(input: $input) {
  successful { entityType entityId operation clientId changeId index syncVersion updatedAt replayed outcome winner mergedFields conflictId canonicalId seq data }
  conflicts { ${CONFLICT} }
  failed { entityType entityId error code field clientId changeId index retryable retryAfterMs }
  serverTimestamp processedCount
} }`;

const SYNC_FIELDS =
  'createdAt updatedAt lastSyncAttempt syncErrorMessage syncVersion isDirty needsSync syncStatus syncPriority';

/** GraphQL type → the list of its records in a page → its own fields. */
export const TYPES = {
  TagCategory: {
    list: 'tagCategories',
    fields: 'id name displayName emoji color sortOrder isExpanded isSystemCategory',
  },
  Tag: {
    list: 'tags',
    fields:
      'id name normalizedName displayName emoji color tagDescription categoryId isArchived sortOrder relatedTagIds isSystemTag usageCount',
  },
  BucketListItem: {
    list: 'bucketListItems',
    fields: 'id name country region type latitude1 longitude1 latitude2 longitude2 isDone completedAt',
  },
  Trip: {
    list: 'trips',
    fields:
      'id name tripDescription travelCompanions visitedCountries coverImageObjectName startDate endDate isActive totalDistance gpsTrackingEnabled role',
  },
  Memory: {
    list: 'memories',
    fields:
      'id title text timestamp latitude longitude locationName weatherJSON tripId tagIds bucketListItemId gpxTrackId content date address userId',
  },
  MediaItem: {
    list: 'mediaItems',
    fields: 'id memoryId timestamp order duration mimeType s3Key fileSizeBytes thumbnailS3Key',
  },
  GPXTrack: {
    list: 'gpxTracks',
    fields:
      'id tripId memoryId name description originalFilename gpxFileObjectName creator trackType startTime endTime totalDistance totalDuration averageSpeed maxSpeed elevationGain elevationLoss minElevation maxElevation totalPoints',
  },
} as const;
export const LISTS: readonly string[] = Object.values(TYPES).map(({ list }) => list);

export const PULL = `query Pull($since: DateTime!, $cursor: String, $batchSize: Int, $entityTypes: [String!], $syncPriority: SyncPriority) {
  enhancedSync(lastSyncedAt: $since, cursor: $cursor, batchSize: $batchSize, entityTypes: $entityTypes, syncPriority: $syncPriority) {
    ${Object.values(TYPES)
      .map(({ list, fields }) => `${list} { ${fields} ${SYNC_FIELDS} }`)
      .join('\n')}
    deleted { ${LISTS.join(' ')} } conflicts { ${CONFLICT} }
    hasMore nextCursor totalCount batchSize serverTimestamp fullResyncRequired consistent droppedScopes roles { scope role }
  }
}`;

export const CONFLICTS = `query C($entityType: String, $limit: Int) { getConflicts(entityType: $entityType, limit: $limit) { ${CONFLICT} } }`;
export const RESOLVE = `mutation R($id: ID!, $strategy: ConflictResolutionStrategy!, $data: String) {
  resolveConflict(conflictId: $id, strategy: $strategy, resolvedData: $data) { conflictId strategy resolvedData resolvedAt resolvedBy newEntityId syncVersion }
}`;

export const conflictsOf = async (person: Person, args: Record<string, unknown> = {}): Promise<Loose[]> =>
  (await person.data(CONFLICTS, args)).getConflicts;
export const resolve = (
  person: Person,
  id: string,
  strategy: string,
  data?: object | string,
): Promise<Answer> =>
  person.ask(RESOLVE, { id, strategy, data: typeof data === 'object' ? JSON.stringify(data) : data });

const SHARE = `mutation S($tripId: ID!, $email: String!, $permission: Permission!) {
  shareTrip(tripId: $tripId, email: $email, permission: $permission) { id role } }`;
export const share = (
  from: Person,
  tripId: string,
  to: Pick<Person, 'email'>,
  permission = 'READ',
): Promise<Loose> => from.data(SHARE, { tripId, email: to.email, permission });
export const unshare = (from: Person, tripId: string, { userId }: Pick<Person, 'userId'>): Promise<Loose> =>
  from.data('mutation U($tripId: ID!, $userId: ID!) { unshareTrip(tripId: $tripId, userId: $userId) }', {
    tripId,
    userId,
  });

/** The record as one page shows it to a person, or undefined. */
export async function seen(person: Person, list: string, { id }: { id: string }): Promise<Loose> {
  return (await person.pull())[list].find((record: Loose) => record.id === id);
}

/** Rows whose answer must be success, all of them. */
export async function pushed(person: Person, input: Record<string, unknown>): Promise<Loose> {
  const answer = await person.push(input);
  expect(answer).toMatchObject({ conflicts: [], failed: [] });
  return answer;
}

/** Ids of the live records in a page, of all types. */
export const idsIn = (page: Loose): string[] =>
  LISTS.flatMap((list) => page[list].map(({ id }: Loose) => id));
export const recordsIn = (page: Loose): Loose[] => LISTS.flatMap((list) => page[list]);
