/** A record as the database gives it, and as the engine knows it. */
import type { FieldClock, Fields, Priority, RecordState, Tombstone } from '@ackord/core';

export interface RecordRow {
  readonly scope_id: string;
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly seq: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly deleted_at: number | null;
  readonly created_by: string;
  readonly updated_by: string;
  readonly sync_priority: Priority;
  readonly field_clock: FieldClock;
  readonly doc: Fields;
  readonly owner_id: string | null;
  readonly tombstone: Tombstone | null;
  readonly former_scopes: readonly string[] | null;
}

const NOWHERE: readonly string[] = Object.freeze([]);

export const recordOf = (row: RecordRow): RecordState => ({
  scope: row.scope_id,
  type: row.type,
  id: row.id,
  version: row.version,
  seq: row.seq,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  createdBy: row.created_by,
  updatedBy: row.updated_by,
  priority: row.sync_priority,
  clock: row.field_clock,
  fields: row.doc,
  tombstone: row.tombstone,
  deletedAt: row.deleted_at,
  formerScopes: row.former_scopes ?? NOWHERE,
});
