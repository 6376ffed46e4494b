/**
 * The port `SyncModels` on PostgreSQL. What is recorded is gathered and written together, soon and without waiting for
 * the disk; lists write that first, so that they show it. Everything names its tenant's scope, so that row-level security
 * stands behind it.
 */
import { randomUUID } from 'node:crypto';
import { LIMITS } from '@ackord/core';
import type { ConflictView } from '../engine/conflict-view.ts';
import type {
  DanglingCount,
  MetricsRow,
  RefusedEntry,
  SessionEnd,
  SyncModels,
  SyncSession,
  SyncTotals,
} from '../sync-models/ports.ts';
import type { Connection } from './connection.ts';
import type { Database } from './database.ts';
import { inNamedScopes } from './in-named-scopes.ts';
import { listedConflicts, listedLogs, listedSessions } from './list-models.ts';
import { startModelWriter } from './model-writer.ts';
import { textArray } from './sql-arrays.ts';
import { listScopeConflicts } from './statements/models/list-models.ts';
import { countDangling, readTotals } from './statements/models/total-models.ts';
import { insertAct, settleRefusal } from './statements/models/write-models.ts';

export interface SyncModelsOptions {
  readonly database: Database;
  readonly log: (line: string) => void;
  readonly now?: () => number;
}

export const scopeOfTenant = (tenantId: string): string => `tenant:${tenantId}`;

export function createSyncModels({ database, log, now = Date.now }: SyncModelsOptions): SyncModels {
  const writer = startModelWriter(database, log);
  const inTenant = <T>(tenantId: string, work: (connection: Connection) => Promise<T>): Promise<T> =>
    database.use((connection) => inNamedScopes(connection, [scopeOfTenant(tenantId)], work));
  /** What was recorded before the question is part of the answer. */
  const readTenant = async <T>(
    tenantId: string,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T> => {
    await writer.flush();
    return inTenant(tenantId, work);
  };
  const startSession: SyncModels['startSession'] = (start) => {
    const session: SyncSession = { id: randomUUID(), start, startTime: now() };
    writer.session(rowOfSession(session, null, session.startTime));
    return session;
  };

  return {
    recordRefusals(refusals: readonly RefusedEntry[]) {
      for (const refusal of refusals) writer.refusal(refusal);
    },
    recordProcessed(tenantId, entryIds) {
      for (const entryId of entryIds) writer.processed({ tenantId, entryId });
    },
    startSession,
    endSession: (session, end) => writer.session(rowOfSession(session, end, now())),
    noteLoad({ tenantId, sessionId, records, milliseconds }) {
      const end = now();
      const start = {
        tenantId,
        syncType: 'initial_load',
        trigger: 'websocket',
        ...(sessionId !== undefined && { sessionId }),
      } as const;
      const session = { id: randomUUID(), start, startTime: end - Math.max(0, Math.round(milliseconds)) };
      const counts = { processed: records, successful: records, failed: 0, conflicts: 0, success: true };
      writer.session(rowOfSession(session, counts, end));
    },
    listLogs: (options) => readTenant(options.tenantId, (connection) => listedLogs(connection, options)),
    listConflicts: (options) =>
      readTenant(options.tenantId, (connection) => listedConflicts(connection, options)),
    listMetrics: (options) =>
      readTenant(options.tenantId, (connection) => listedSessions(connection, options)),
    conflict: (tenantId, conflictId) =>
      inTenant(tenantId, async (connection) => {
        const values = [scopeOfTenant(tenantId), null, null, null, null, null, 1, conflictId];
        const [row] = await connection.rows<{ body: ConflictView }>(listScopeConflicts, values);
        return row?.body ?? null;
      }),
    totals: (tenantId, since) =>
      readTenant(tenantId, async (connection) => {
        const values = [tenantId, scopeOfTenant(tenantId), momentOf(since), LIMITS.countedRowsMax];
        const [row] = await connection.rows<TotalsRow>(readTotals, values);
        return totalsOf(row);
      }),
    dangling: (tenantId, references) =>
      inTenant(tenantId, (connection) =>
        connection.rows<DanglingCount>(countDangling, [
          scopeOfTenant(tenantId),
          textArray(references.map(({ type }) => type)),
          textArray(references.map(({ field }) => field)),
          textArray(references.map(({ target }) => target)),
        ]),
      ),
    async settleRefusal(tenantId, entryId, how, actor) {
      await writer.flush();
      const values = [scopeOfTenant(tenantId), entryId, how, actor];
      return (await inTenant(tenantId, (connection) => connection.count(settleRefusal, values))) > 0;
    },
    async recordAct({ tenantId, actor, act, subject, detail }) {
      const values = [
        scopeOfTenant(tenantId),
        randomUUID(),
        actor,
        act,
        subject,
        detail && JSON.stringify(detail),
      ];
      await inTenant(tenantId, (connection) => connection.count(insertAct, values));
    },
    flush: writer.flush,
    close: writer.close,
  };
}

const momentOf = (time: number | null): string | null =>
  time === null ? null : new Date(time).toISOString();

function rowOfSession(
  { id, start, startTime }: SyncSession,
  end: SessionEnd | null,
  now: number,
): MetricsRow {
  return {
    id,
    tenant_id: start.tenantId,
    sync_session_id: start.sessionId ?? id,
    start_time: startTime,
    end_time: end === null ? null : now,
    duration_ms: end === null ? null : Math.min(2 ** 31 - 1, Math.max(0, now - startTime)),
    entities_processed: end?.processed ?? 0,
    entities_successful: end?.successful ?? 0,
    entities_failed: end?.failed ?? 0,
    conflicts_detected: end?.conflicts ?? 0,
    sync_type: start.syncType,
    trigger_source: start.trigger,
    success: end?.success ?? false,
    error_summary: end?.errorSummary?.slice(0, LIMITS.failureTextLengthMax) ?? null,
    performance_data: end?.performance ?? null,
  };
}

interface TotalsRow {
  readonly sessions: number;
  readonly sessions_successful: number;
  readonly average_duration_ms: number | null;
  readonly applied: number;
  readonly merged: number;
  readonly conflict: number;
  readonly refed: number;
  readonly refused: number;
  readonly pending: number;
  readonly resolved: number;
  readonly resolved_by_person: number;
}

const totalsOf = (row: TotalsRow | undefined): SyncTotals => ({
  sessions: row?.sessions ?? 0,
  sessionsSuccessful: row?.sessions_successful ?? 0,
  averageDurationMs: row?.average_duration_ms ?? null,
  outcomes: {
    applied: row?.applied ?? 0,
    merged: row?.merged ?? 0,
    conflict: row?.conflict ?? 0,
    refed: row?.refed ?? 0,
  },
  refused: row?.refused ?? 0,
  conflicts: {
    pending: row?.pending ?? 0,
    resolved: row?.resolved ?? 0,
    resolvedByPerson: row?.resolved_by_person ?? 0,
  },
});
