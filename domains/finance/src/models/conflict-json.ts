/** A conflict as REST shows it: both sides as apps know them, with their checksums. */
import { bareId, type Fields, formatInstant } from '@ackord/core';
import type { ConflictView } from '@ackord/server';
import { z } from 'zod';
import { entityChecksum } from '../checksum/entity-checksum.ts';
import { encodeEntity } from '../wire/encode.ts';
import { type TypeName, typeNameOf } from '../wire/type-names.ts';

const side = z.record(z.string(), z.unknown()).nullable();
const moment = z.string().describe('ISO 8601, UTC.');

export const CONFLICT = z
  .object({
    id: z.string(),
    entity_type: z.string(),
    entity_id: z.string(),
    local_checksum: z.string().describe('Of the app’s side; empty: it has none, since it deletes.'),
    server_checksum: z.string(),
    local_last_modified: z.int().nullable().describe('Seconds since 1970.'),
    server_last_modified: z.int().nullable(),
    conflict_type: z.enum(['data_mismatch', 'version_conflict', 'deletion_conflict', 'dependency_conflict']),
    resolution_status: z.enum(['pending', 'resolved_local', 'resolved_server', 'resolved_manual']),
    resolution_strategy: z.string(),
    fields: z.array(z.string()).describe('What both sides changed.'),
    local: side.describe('The app’s side; null: it deletes.'),
    server: side.describe('What stood on the server; null: nothing did.'),
    local_by: z.string(),
    server_by: z.string().nullable(),
    created_at: moment,
    resolved_at: moment.nullable(),
    resolved_by: z.string().nullable(),
  })
  .meta({ id: 'SyncConflict', description: 'Two sides changed the same, and what became of it.' });

export type ConflictJson = z.output<typeof CONFLICT>;

export const typeOfConflict = ({ type }: ConflictView): TypeName | null =>
  typeNameOf(type.slice(type.indexOf('.') + 1));

/** null: it is about no type that apps sync. */
export function conflictJson(conflict: ConflictView): ConflictJson | null {
  const typeName = typeOfConflict(conflict);
  if (typeName === null) return null;
  const id = bareId(conflict.entityId);
  const { server, client, clientDeletes, clientTime, serverTime } = conflict;
  const local = clientDeletes ? null : { ...server, ...client };
  return {
    id: conflict.id,
    entity_type: typeName,
    entity_id: id,
    local_checksum: checksumOf(typeName, id, local),
    server_checksum: checksumOf(typeName, id, server),
    local_last_modified: secondsOf(clientTime),
    server_last_modified: secondsOf(serverTime),
    conflict_type: CONFLICT_TYPES[conflict.conflictType],
    resolution_status: statusOf(conflict),
    resolution_strategy: strategyOf(conflict),
    fields: [...conflict.fields],
    local: wireOf(typeName, id, local),
    server: wireOf(typeName, id, server),
    local_by: conflict.actor,
    server_by: conflict.rival,
    created_at: formatInstant(conflict.createdAt),
    resolved_at: conflict.resolvedAt === null ? null : formatInstant(conflict.resolvedAt),
    resolved_by: conflict.resolvedBy,
  };
}

const CONFLICT_TYPES = {
  VERSION_MISMATCH: 'data_mismatch',
  CONCURRENT_MODIFICATION: 'version_conflict',
  DELETION_CONFLICT: 'deletion_conflict',
  DEPENDENCY_CONFLICT: 'dependency_conflict',
} as const;

const secondsOf = (time: number): number | null => (time === 0 ? null : Math.floor(time / 1_000));

const checksumOf = (typeName: TypeName, id: string, fields: Fields | null): string =>
  fields === null ? '' : entityChecksum(typeName, id, fields);

const wireOf = (typeName: TypeName, id: string, fields: Fields | null): Record<string, unknown> | null =>
  fields === null ? null : JSON.parse(encodeEntity(typeName, id, fields));

function statusOf({ status, winner }: ConflictView): ConflictJson['resolution_status'] {
  if (status === 'pending') return 'pending';
  switch (winner) {
    case 'client':
      return 'resolved_local';
    case 'mixed':
    case 'both':
      return 'resolved_manual';
    case 'server':
    case null:
      return 'resolved_server';
  }
}

function strategyOf({ strategy, resolution }: ConflictView): string {
  const used = resolution?.strategy ?? strategy;
  return used === 'MANUAL_RESOLUTION' ? 'manual_merge' : used.toLowerCase();
}
