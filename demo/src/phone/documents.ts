/** The GraphQL documents that a phone sends. The lists of types follow from the domain. */
import { entityTypes } from './wire.ts';

const plurals = entityTypes.map(({ plural }) => plural);

export const REGISTER = 'mutation Register($input: UserInput!) { register(input: $input) { id } }';

export const LOGIN = 'mutation Login($input: UserInput!) { login(input: $input) { token user { id } } }';

export const SHARE_TRIP = `mutation Share($tripId: ID!, $email: String!, $permission: Permission!) {
  shareTrip(tripId: $tripId, email: $email, permission: $permission) { role }
}`;

export const PUSH = `mutation Push($input: BulkSyncInput!) {
  bulkSync(input: $input) {
    successful {
      changeId entityType entityId syncVersion outcome replayed winner mergedFields conflictId canonicalId data
    }
    conflicts { clientId id }
    failed { changeId clientId error code field retryable retryAfterMs }
  }
}`;

/** \`syncData\` is a record as the server stores it: links that lead nowhere included, which digests count too. */
export const PULL = `query Pull($since: DateTime!, $cursor: String, $size: Int!) {
  enhancedSync(lastSyncedAt: $since, cursor: $cursor, batchSize: $size) {
    ${plurals.map((plural) => `${plural} { id syncVersion syncData }`).join('\n    ')}
    deleted { ${plurals.join(' ')} }
    aliases { entityType id canonicalId }
    hasMore nextCursor consistent fullResyncRequired droppedScopes totalCount
  }
}`;

export const DIGESTS = 'query Digests { syncDigests { scope entityType digest } }';

export const CONFLICTS = `query Conflicts($limit: Int!) {
  getConflicts(limit: $limit) {
    id entityType entityId conflictType status strategy winner conflictedFields localData remoteData localTimestamp remoteTimestamp
  }
}`;

export const RESOLVE = `mutation Resolve($id: ID!, $strategy: ConflictResolutionStrategy!, $data: String) {
  resolveConflict(conflictId: $id, strategy: $strategy, resolvedData: $data) { newEntityId syncVersion }
}`;
