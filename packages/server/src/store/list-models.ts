/** Pages of logs, conflicts and sessions of a tenant, newest first. */
import type { ConflictView } from '../engine/conflict-view.ts';
import type { ListedPage, ListOptions, LogRow, LogStatus, MetricsRow } from '../sync-models/ports.ts';
import type { Connection } from './connection.ts';
import { type Cursor, pageOf, readCursor, writeCursor } from './model-cursor.ts';
import {
  listLogLines,
  listRefusals,
  listScopeConflicts,
  listSessions,
} from './statements/models/list-models.ts';

const momentOf = (time: number | null): string | null =>
  time === null ? null : new Date(time).toISOString();
const scopeOf = ({ tenantId }: ListOptions): string => `tenant:${tenantId}`;

type LogOptions = ListOptions & { readonly status: LogStatus | null; readonly entityType: string | null };

/** A row of the log, when it was, and the cursor that goes on after it, as far as its part of the list goes. */
interface Placed {
  readonly row: LogRow;
  readonly at: number;
  readonly after: Cursor;
}

export async function listedLogs(
  connection: Connection,
  options: LogOptions,
): Promise<ListedPage<LogRow> | null> {
  const cursor = readCursor(options.cursor);
  if (cursor === null) return null;
  const parts = await Promise.all([
    linesOf(connection, options, cursor),
    refusalsOf(connection, options, cursor),
    loadsOf(connection, options, cursor),
  ]);
  const newest = parts.flat().sort((a, b) => b.at - a.at);
  const page = newest.slice(0, options.limit);
  const after: Cursor = Object.assign({}, cursor, ...page.map((one) => one.after));
  return {
    rows: page.map(({ row }) => row),
    cursor: newest.length > page.length ? writeCursor(after) : null,
  };
}

interface LineRow {
  readonly position: number;
  readonly id: string;
  readonly entity_type: string;
  readonly entity_id: string;
  readonly operation_type: string;
  readonly status: LogStatus;
  readonly payload_checksum: string | null;
  readonly at: number;
  readonly version: number;
  readonly operation: string;
  readonly outcome: string;
  readonly actor: string;
  readonly change_id: string | null;
}

async function linesOf(connection: Connection, options: LogOptions, { seq }: Cursor): Promise<Placed[]> {
  if (options.status === 'failed') return [];
  const { status, entityType, since, limit, tenantId } = options;
  const values = [scopeOf(options), seq ?? null, status, entityType, momentOf(since), limit + 1];
  const rows = await connection.rows<LineRow>(listLogLines, values);
  return rows.map((line) => ({
    at: line.at,
    after: { seq: line.position },
    row: {
      id: line.id,
      tenant_id: tenantId,
      entity_type: line.entity_type,
      entity_id: line.entity_id,
      operation_type: line.operation_type,
      sync_direction: 'client_to_server',
      status: line.status,
      error_message: null,
      payload_checksum: line.payload_checksum,
      created_at: line.at,
      processed_at: line.at,
      retry_count: 0,
      sync_metadata: {
        seq: line.position,
        version: line.version,
        operation: line.operation,
        outcome: line.outcome,
        actor: line.actor,
        change_id: line.change_id,
      },
    },
  }));
}

interface RefusalRow {
  readonly position: string;
  readonly id: string;
  readonly entry_id: string;
  readonly at: number;
  readonly first_at: number;
  readonly actor: string;
  readonly entity_type: string;
  readonly entity_id: string;
  readonly operation: string;
  readonly code: string;
  readonly message: string;
  readonly retry_count: number;
  readonly settled: string | null;
  readonly settled_by: string | null;
  readonly settled_at: number | null;
}

async function refusalsOf(
  connection: Connection,
  options: LogOptions,
  { refusal }: Cursor,
): Promise<Placed[]> {
  if (options.status !== null && options.status !== 'failed') return [];
  const { entityType, since, limit, tenantId } = options;
  const values = [
    scopeOf(options),
    refusal?.[0] ?? null,
    refusal?.[1] ?? null,
    entityType,
    momentOf(since),
    limit + 1,
  ];
  const rows = await connection.rows<RefusalRow>(listRefusals, values);
  return rows.map((one) => ({
    at: one.at,
    after: { refusal: [one.position, one.entry_id] },
    row: {
      id: one.id,
      tenant_id: tenantId,
      entity_type: one.entity_type,
      entity_id: one.entity_id,
      operation_type: one.operation,
      sync_direction: 'client_to_server',
      status: 'failed',
      error_message: `${one.code}: ${one.message}`,
      payload_checksum: null,
      created_at: one.at,
      processed_at: one.settled_at,
      retry_count: one.retry_count,
      sync_metadata: {
        entry_id: one.entry_id,
        actor: one.actor,
        code: one.code,
        first_at: one.first_at,
        settled: one.settled,
        settled_by: one.settled_by,
        settled_at: one.settled_at,
      },
    },
  }));
}

type SessionRow = MetricsRow & { readonly position: string };

function sessionsOf(
  connection: Connection,
  { tenantId, since, limit }: ListOptions,
  { row }: Cursor,
  type: string | null,
  success: boolean | null,
): Promise<SessionRow[]> {
  const values = [tenantId, row?.[0] ?? null, row?.[1] ?? null, momentOf(since), limit + 1, type, success];
  return connection.rows<SessionRow>(listSessions, values);
}

async function loadsOf(connection: Connection, options: LogOptions, cursor: Cursor): Promise<Placed[]> {
  const { status, entityType } = options;
  if (entityType !== null && entityType !== LOADED) return [];
  if (status === 'conflict') return [];
  const success = status === null ? null : status === 'success';
  const rows = await sessionsOf(connection, options, cursor, 'initial_load', success);
  return rows.map(
    (load): Placed => ({
      at: load.start_time,
      after: { row: [load.position, load.id] },
      row: {
        id: load.id,
        tenant_id: load.tenant_id,
        entity_type: LOADED,
        entity_id: load.tenant_id,
        operation_type: 'initial_load',
        sync_direction: 'server_to_client',
        status: load.success ? 'success' : 'failed',
        error_message: load.error_summary,
        payload_checksum: null,
        created_at: load.start_time,
        processed_at: load.end_time,
        retry_count: 0,
        sync_metadata: { session: load.sync_session_id, records: load.entities_processed },
      },
    }),
  );
}

/** How the wire calls all of a tenant. */
const LOADED = 'TenantDatabase';

export async function listedSessions(
  connection: Connection,
  options: ListOptions,
): Promise<ListedPage<MetricsRow> | null> {
  const cursor = readCursor(options.cursor);
  if (cursor === null) return null;
  const rows = await sessionsOf(connection, options, cursor, null, null);
  return pageOf(rows, options.limit, ({ position, ...row }) => row);
}

export async function listedConflicts(
  connection: Connection,
  options: ListOptions & { readonly status: string | null; readonly entityType: string | null },
): Promise<ListedPage<ConflictView> | null> {
  const cursor = readCursor(options.cursor);
  if (cursor === null) return null;
  const { row } = cursor;
  const { status, entityType, since, limit } = options;
  const place = [row?.[0] ?? null, row?.[1] ?? null];
  const values = [scopeOf(options), ...place, status, entityType, momentOf(since), limit + 1, null];
  const rows = await connection.rows<{ body: ConflictView; id: string; position: string }>(
    listScopeConflicts,
    values,
  );
  return pageOf(rows, limit, ({ body }) => body);
}
