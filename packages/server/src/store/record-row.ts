/** A record as the database gives it, and as the engine knows it. */
import type { FieldClock, Fields, Priority, RecordState, Tombstone } from '@ackord/core';

export interface RecordRow {
  readonly scope_id: string;
  readonly type: string;
  readonly id: string;
  readonly created_by: string;
  readonly updated_by: string;
  readonly deleted_at: number | null;
  readonly owner_id: string | null;
  readonly tombstone: Tombstone | null;
  readonly former_scopes: readonly string[] | null;
  /** JSON of a `Body`. */
  readonly body: string;
}

type Body = readonly [
  version: number,
  seq: number,
  createdAtSeconds: number,
  updatedAtSeconds: number,
  priority: Priority,
  clock: FieldClock,
  fields: Fields,
];

const NOWHERE: readonly string[] = Object.freeze([]);

export function recordOf(row: RecordRow): RecordState {
  const body: Body = JSON.parse(row.body);
  return {
    scope: row.scope_id,
    type: row.type,
    id: row.id,
    version: body[0],
    seq: body[1],
    createdAt: milliseconds(body[2]),
    updatedAt: milliseconds(body[3]),
    createdBy: row.created_by,
    updatedBy: row.updated_by,
    priority: body[4],
    clock: body[5],
    fields: body[6],
    tombstone: row.tombstone,
    deletedAt: row.deleted_at,
    formerScopes: row.former_scopes ?? NOWHERE,
  };
}

const milliseconds = (seconds: number): number => Math.round(seconds * 1_000);
