/**
 * What tenants can look at of their syncing: logs, conflicts, sessions. `SyncModels` is implemented by the store; the
 * rows have the names and columns that clients of the original server know. Who may look is asked before.
 *
 * Times are milliseconds since 1970. Ids are bare, as apps know them.
 */
import type { ErrorCode } from '@ackord/core';
import type { ConflictView } from '../engine/conflict-view.ts';

/** An entry that was refused, or failed and is tried again. */
export interface RefusedEntry {
  readonly tenantId: string;
  readonly entryId: string;
  readonly actor: string;
  /** As the wire calls them. */
  readonly entityType: string;
  readonly entityId: string;
  readonly operation: string;
  readonly code: ErrorCode;
  /** Nothing of what was sent. */
  readonly message: string;
  /** Tries so far, the first one not counted. */
  readonly retryCount: number;
  readonly at: number;
}

export type SyncType = 'manual' | 'automatic' | 'initial_load';
export type TriggerSource = 'websocket' | 'api' | 'scheduled';

export interface SessionStart {
  readonly tenantId: string;
  /** Names the session where it is known: a socket, a call. Left out: a new one. */
  readonly sessionId?: string;
  readonly syncType: SyncType;
  readonly trigger: TriggerSource;
}

export interface SessionEnd {
  readonly processed: number;
  readonly successful: number;
  readonly failed: number;
  readonly conflicts: number;
  readonly success: boolean;
  readonly errorSummary?: string;
  readonly performance?: { readonly [name: string]: number };
}

/** A session that has begun. */
export interface SyncSession {
  readonly id: string;
  readonly start: SessionStart;
  readonly startTime: number;
}

export interface ListOptions {
  readonly tenantId: string;
  /** Where the page before ended; null: the newest. What is no cursor is answered by null. */
  readonly cursor: string | null;
  /** 1 … LIMITS.modelRowsMax. */
  readonly limit: number;
  readonly since: number | null;
}

export interface ListedPage<Row> {
  /** Newest first. */
  readonly rows: readonly Row[];
  /** null: this was the last page. */
  readonly cursor: string | null;
}

export const LOG_STATUSES = ['success', 'failed', 'conflict'] as const;
export type LogStatus = (typeof LOG_STATUSES)[number];

export interface LogRow {
  readonly id: string;
  readonly tenant_id: string;
  readonly entity_type: string;
  readonly entity_id: string;
  readonly operation_type: string;
  readonly sync_direction: 'client_to_server' | 'server_to_client';
  readonly status: LogStatus;
  readonly error_message: string | null;
  readonly payload_checksum: string | null;
  readonly created_at: number;
  readonly processed_at: number | null;
  readonly retry_count: number;
  readonly sync_metadata: { readonly [name: string]: unknown } | null;
}

export interface MetricsRow {
  readonly id: string;
  readonly tenant_id: string;
  readonly sync_session_id: string;
  readonly start_time: number;
  readonly end_time: number | null;
  readonly duration_ms: number | null;
  readonly entities_processed: number;
  readonly entities_successful: number;
  readonly entities_failed: number;
  readonly conflicts_detected: number;
  readonly sync_type: SyncType;
  readonly trigger_source: TriggerSource | null;
  readonly success: boolean;
  readonly error_summary: string | null;
  readonly performance_data: { readonly [name: string]: number } | null;
}

export interface SyncTotals {
  readonly sessions: number;
  readonly sessionsSuccessful: number;
  readonly averageDurationMs: number | null;
  /** Lines of the tenant's log by outcome, of the newest LIMITS.countedRowsMax. */
  readonly outcomes: {
    readonly applied: number;
    readonly merged: number;
    readonly conflict: number;
    readonly refed: number;
  };
  /** Entries that were refused and that nobody has settled. */
  readonly refused: number;
  readonly conflicts: {
    readonly pending: number;
    readonly resolved: number;
    readonly resolvedByPerson: number;
  };
}

/** A field that holds one id, or a list of ids, that may lead nowhere. */
export interface SoftReference {
  /** Keys of entity types. */
  readonly type: string;
  readonly field: string;
  readonly target: string;
}

export interface DanglingCount {
  readonly type: string;
  readonly field: string;
  readonly count: number;
}

/** An act of an administrator. */
export interface AdministratorsAct {
  readonly tenantId: string;
  readonly actor: string;
  readonly act: string;
  readonly subject: string;
  readonly detail: { readonly [name: string]: unknown } | null;
}

export type Settlement = 'acknowledged' | 'rejected';

export interface SyncModels {
  /** Written soon, together with others, and never waited for; a newer one of the same entry takes the older one's place. */
  recordRefusals(refusals: readonly RefusedEntry[]): void;
  /** These were taken after all, by a later try: what was noted of them before counts as settled. */
  recordProcessed(tenantId: string, entryIds: readonly string[]): void;
  startSession(start: SessionStart): SyncSession;
  endSession(session: SyncSession, end: SessionEnd): void;
  /** A first load that was sent: a session of its own, and a row of the log from server to client. */
  noteLoad(load: {
    readonly tenantId: string;
    readonly sessionId?: string;
    readonly records: number;
    readonly milliseconds: number;
  }): void;

  /** All of these reject with a DatabaseFailure when the database can't be reached. */
  listLogs(
    options: ListOptions & { readonly status: LogStatus | null; readonly entityType: string | null },
  ): Promise<ListedPage<LogRow> | null>;
  listConflicts(
    options: ListOptions & {
      readonly status: 'pending' | 'resolved' | 'superseded' | null;
      readonly entityType: string | null;
    },
  ): Promise<ListedPage<ConflictView> | null>;
  conflict(tenantId: string, conflictId: string): Promise<ConflictView | null>;
  listMetrics(options: ListOptions): Promise<ListedPage<MetricsRow> | null>;
  totals(tenantId: string, since: number | null): Promise<SyncTotals>;
  /** Ids that lead nowhere, by one statement. Fields without any are left out. */
  dangling(tenantId: string, references: readonly SoftReference[]): Promise<readonly DanglingCount[]>;
  /** False: there is no such entry that was not settled yet. */
  settleRefusal(tenantId: string, entryId: string, how: Settlement, actor: string): Promise<boolean>;
  /** Durable when it resolves. */
  recordAct(act: AdministratorsAct): Promise<void>;
  /** Resolves when all that was recorded by now is written. */
  flush(): Promise<void>;
  /** Writes what is left. Nothing may be recorded afterwards. */
  close(): Promise<void>;
}
