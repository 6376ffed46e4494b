/** The text of the sync operations and their types (bulkSync, enhancedSync, conflicts). */
import type { WireDomain } from '../wire-type.ts';
import { bulkInputName } from './entities.ts';

export const SYNC_ENUMS = `
enum SyncStatus { IN_SYNC NEEDS_UPLOAD NEEDS_DOWNLOAD UPLOADING DOWNLOADING SYNC_ERROR FILES_PENDING CONFLICT }
enum SyncPriority { LOW NORMAL HIGH CRITICAL }
enum SyncOperation { CREATE UPDATE DELETE }
enum ConflictType { VERSION_MISMATCH CONCURRENT_MODIFICATION DEPENDENCY_CONFLICT DELETION_CONFLICT }
enum ConflictResolutionStrategy { LAST_WRITE_WINS FIRST_WRITE_WINS MANUAL_RESOLUTION KEEP_BOTH }
`;

export const SYNC_QUERIES = `
  """
  One page of what has changed, deletions included. Pass \`nextCursor\` back until \`hasMore\` is false; keep the last
  one, or \`serverTimestamp\` of that last page, for the next run. \`cursor\` wins over \`lastSyncedAt\`.
  """
  enhancedSync(
    "Any moment; one that a completed run gave out is exact. The years 0000 and 0001 mean never."
    lastSyncedAt: DateTime!
    "Only records of at least this priority. Left out, nothing is filtered. The filter is part of the cursor."
    syncPriority: SyncPriority
    "Names of types, in the singular. Left out or empty: all. The filter is part of the cursor."
    entityTypes: [String!]
    "Rows in total, tombstones included."
    batchSize: Int
    cursor: String
  ): EnhancedSyncResponse!
  "The caller's open conflicts, and those that the caller lost, newest first."
  getConflicts(entityType: String, limit: Int = 20): [ConflictResult!]!
  "The digests of the caller's scopes as they are now. Compare them with a replica after a consistent page: equal digests, equal data."
  syncDigests: [SyncDigest!]!`;

export const SYNC_MUTATIONS = `
  "Takes changes of all types. Each row ends in exactly one of \`successful\`, \`conflicts\` and \`failed\`."
  bulkSync(input: BulkSyncInput!): BulkSyncResponse!
  """
  Decides a conflict, also one that was decided automatically: that is how the losing values come back.
  \`resolvedData\` is a JSON object with the field names of the bulk input; MANUAL_RESOLUTION needs it, and no other
  strategy takes it. A conflict that a person has decided before answers with that decision, whatever is asked for.
  """
  resolveConflict(conflictId: ID!, strategy: ConflictResolutionStrategy!, resolvedData: String): ConflictResolution!`;

export function syncSdl(wire: WireDomain): string {
  const lists = (type: (name: string) => string) =>
    wire.types.map(({ entity }) => `  ${entity.plural}: ${type(entity.name)}`).join('\n');
  return `
input BulkSyncInput {
${wire.types.map((type) => `  ${type.entity.plural}: [${bulkInputName(type)}!]! = []`).join('\n')}
  "Names the device; wins over the header X-Device-Id. Without one, two edits never count as made by one device."
  deviceId: ID
  "Names the call in logs. A repeated call without it is recognised by its content."
  clientBatchId: ID
  "The cursor of the last page that the device read: tells what it had seen of the things that it deletes. One that is none of the caller's, or of before a restored backup, refuses the call."
  cursor: String
}

type BulkSyncResponse {
  "Also conflicts that were decided at once: see \`outcome\` and \`conflictId\`."
  successful: [SyncResult!]!
  "Conflicts that wait for somebody to decide them."
  conflicts: [ConflictResult!]!
  failed: [SyncError!]!
  "Not the end of a download: only a completed run of enhancedSync moves a client's position on."
  serverTimestamp: DateTime!
  "Every row that was received."
  processedCount: Int!
}

type SyncResult {
  entityType: String!
  entityId: ID!
  operation: String!
  clientId: ID
  changeId: ID
  "Position of the row in its own list of the input; \`entityType\` tells the list."
  index: Int
  "null where the record is not what was sent, unless \`data\` is asked for: a new base is only of use with its values."
  syncVersion: Int
  updatedAt: DateTime
  "This change had been decided before; this is the answer of then."
  replayed: Boolean
  "applied; merged (into a record that had moved on); conflict (decided at once, see \`winner\`)."
  outcome: String
  "For a conflict, whose values stand: server, client, mixed, both."
  winner: String
  mergedFields: [String!]
  conflictId: ID
  "The id under which the record lives, where it is not the one that was sent."
  canonicalId: ID
  "Position in the history of the record's scope."
  seq: Float
  "The record as a JSON object with the field names of the bulk input, where it is not what was sent; the JSON text null when the record is deleted."
  data: String
}

type SyncError {
  entityType: String!
  "The word unknown where the row named none."
  entityId: ID!
  error: String!
  code: String
  "The field of the row that is at fault."
  field: String
  clientId: ID
  changeId: ID
  "Position of the row in its own list of the input."
  index: Int
  "The same row may succeed later, unchanged."
  retryable: Boolean
  "Milliseconds to wait before that."
  retryAfterMs: Int
}

type EnhancedSyncResponse {
${lists((name) => `[${name}!]!`)}
  deleted: DeletedIds!
  conflicts: [ConflictResult!]!
  serverTimestamp: DateTime!
  hasMore: Boolean!
  "Given on the last page too: it is where the next run goes on."
  nextCursor: String
  "Rows of the whole run, counted at its start, up to a limit."
  totalCount: Int!
  batchSize: Int!
  "The position was of no use: this page begins a full sync, and the client drops what it has."
  fullResyncRequired: Boolean
  "This page reaches all that had happened when it was asked for; between such pages a child may lack a sibling."
  consistent: Boolean
  "Among the deleted ids those that turned out to mean another record: a tag made on two devices. References to them mean that one."
  aliases: [SyncAlias!]
  "Scopes that the caller has lost: all their records are to be dropped."
  droppedScopes: [String!]
  "The caller's scopes of today, with the role in each."
  roles: [ScopeRole!]
}

"""
Of the live records of one type in one scope. The checksum of a record is the first 16 bytes of SHA-256 over the canonical
JSON (RFC 8785) of \`{type, id, version, fields}\`: the type as domain.Type, the fields under their stored names.
"""
type SyncDigest {
  scope: String!
  entityType: String!
  count: Int!
  "The count, a colon, and 32 hex digits: the sums modulo 2^64 of the checksums' first and second halves."
  digest: String!
}

type SyncAlias {
  entityType: String!
  id: ID!
  canonicalId: ID!
}

type ScopeRole {
  scope: String!
  role: ${wire.roleType}!
}

type DeletedIds {
${lists(() => '[ID!]!')}
}

"""
Two sides changed the same thing. *Local* is the server's side and *remote* the client's, seen from the server. The data
are JSON objects with the field names of the bulk input; the JSON text null where a side has deleted the record.
"""
type ConflictResult {
  id: ID!
  entityType: String!
  entityId: ID!
  conflictType: ConflictType!
  localVersion: Int!
  remoteVersion: Int!
  localData: String!
  remoteData: String!
  "The values that the client's edit started from, where they are known."
  baseData: String
  conflictedFields: [String!]!
  timestamp: DateTime!
  "When each side was edited, as its device said; no later than five minutes after it arrived. Times decide LAST_WRITE_WINS and nothing else."
  localTimestamp: DateTime
  remoteTimestamp: DateTime
  "pending, resolved or superseded."
  status: String
  strategy: ConflictResolutionStrategy
  "Whose values stand: server, client, mixed, both; null while it is pending."
  winner: String
  resolvedAt: DateTime
  clientId: ID
  "In answers of bulkSync: position of the row in its own list of the input."
  index: Int
}

type ConflictResolution {
  conflictId: ID!
  strategy: ConflictResolutionStrategy!
  "JSON object with the field names of the bulk input."
  resolvedData: String
  resolvedAt: DateTime!
  resolvedBy: ID!
  "The second record that KEEP_BOTH made."
  newEntityId: ID
  syncVersion: Int
}
`;
}
