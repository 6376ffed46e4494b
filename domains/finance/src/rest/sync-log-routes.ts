/** A tenant's log and its sync sessions, with what they add up to. */
import { formatInstant } from '@ackord/core';
import {
  answerJson,
  LOG_STATUSES,
  type LogRow,
  type MetricsRow,
  type RestRoute,
  refuse,
  restRoute,
  type SyncTotals,
} from '@ackord/server';
import { z } from 'zod';
import { accessToTenant } from '../access.ts';
import { SOFT_REFERENCES } from '../entities/soft-references.ts';
import { type TypeName, typeKeyOf, typeNameOf } from '../wire/type-names.ts';
import { callerIn, TENANT_PARAMS } from './calls.ts';
import {
  CURSOR_REFUSED,
  count,
  LIST_QUERY,
  MEMBER,
  moment,
  NEXT_CURSOR,
  NOT_YOURS,
  SYNC,
  type SyncTools,
  typeText,
} from './sync-tools.ts';

export const syncLogRoutes = (tools: SyncTools): RestRoute[] => [logs(tools), metrics(tools)];

const LOG = z
  .object({
    id: z.string(),
    tenant_id: z.string(),
    entity_type: z.string(),
    entity_id: z.string(),
    operation_type: z.string(),
    sync_direction: z.enum(['client_to_server', 'server_to_client']),
    status: z.enum(LOG_STATUSES),
    error_message: z.string().nullable(),
    payload_checksum: z.string().nullable(),
    created_at: moment,
    processed_at: moment.nullable(),
    retry_count: count,
    sync_metadata: z.record(z.string(), z.unknown()).nullable(),
  })
  .meta({
    id: 'SyncLog',
    description: 'A change that was decided, an entry that was refused, or a first load.',
  });

const momentOf = (time: number | null): string | null => (time === null ? null : formatInstant(time));

const logJson = (row: LogRow): z.output<typeof LOG> => ({
  ...row,
  created_at: formatInstant(row.created_at),
  processed_at: momentOf(row.processed_at),
});

const logs = (tools: SyncTools): RestRoute =>
  restRoute({
    method: 'GET',
    path: '/api/v1/sync/logs/{tenant_id}',
    tag: SYNC,
    summary: 'Lists what was synced, newest first',
    access: MEMBER,
    params: TENANT_PARAMS,
    query: LIST_QUERY.extend({
      status: z.enum(LOG_STATUSES).optional(),
      entity_type: typeText.optional().describe('In any case.'),
    }),
    answers: {
      200: {
        description: 'A page.',
        schema: z.object({ tenant_id: z.string(), logs: z.array(LOG), next_cursor: NEXT_CURSOR }),
      },
      ...NOT_YOURS,
    },
    async handle(call) {
      const access = await accessToTenant(tools.engine, callerIn(tools, call), call.params.tenant_id);
      if (!access.ok) return refuse(access.refusal);
      const { limit, cursor = null, since = null, status = null, entity_type } = call.query;
      const { tenantId } = access;
      const entityType =
        entity_type === undefined ? null : (typeNameOf(entity_type) ?? entity_type.slice(0, 64));
      const page = await tools.models.listLogs({ tenantId, limit, cursor, since, status, entityType });
      if (page === null) return CURSOR_REFUSED;
      return answerJson({ tenant_id: tenantId, logs: page.rows.map(logJson), next_cursor: page.cursor });
    },
  });

const SESSION = z
  .object({
    id: z.string(),
    tenant_id: z.string(),
    sync_session_id: z.string(),
    start_time: moment,
    end_time: moment.nullable(),
    duration_ms: count.nullable(),
    entities_processed: count,
    entities_successful: count,
    entities_failed: count,
    conflicts_detected: count,
    sync_type: z.enum(['manual', 'automatic', 'initial_load']),
    trigger_source: z.enum(['websocket', 'api', 'scheduled']).nullable(),
    success: z.boolean(),
    error_summary: z.string().nullable(),
    performance_data: z.record(z.string(), z.number()).nullable(),
  })
  .meta({ id: 'SyncMetrics', description: 'A sync session.' });

const sessionJson = (row: MetricsRow): z.output<typeof SESSION> => ({
  ...row,
  start_time: formatInstant(row.start_time),
  end_time: momentOf(row.end_time),
});

const rate = z.number().min(0).max(1).nullable().describe('0 … 1; null: nothing was synced.');

const TOTALS = z
  .object({
    sessions: count,
    sessions_successful: count,
    average_duration_ms: z.number().nullable(),
    outcomes: z
      .object({ applied: count, merged: count, conflict: count, refed: count, refused: count })
      .describe(
        'Lines of the log by outcome, the newest 100,000; `refused`: entries that nobody has settled.',
      ),
    success_rate: rate,
    error_rate: rate,
    conflicts: z.object({ pending: count, resolved: count, resolved_by_person: count }),
    queue: z.object({ length: count, waiting_for_commit: count, waiting_for_retry: count, failed: count }),
    dangling_references: z
      .array(z.object({ entity_type: z.string(), field: z.string(), count }))
      .describe('Ids that lead nowhere, per field.'),
  })
  .meta({ id: 'SyncTotals', description: 'What the syncing of a tenant adds up to.' });

const metrics = (tools: SyncTools): RestRoute =>
  restRoute({
    method: 'GET',
    path: '/api/v1/sync/metrics/{tenant_id}',
    tag: SYNC,
    summary: 'Lists sync sessions, newest first, and what they add up to',
    access: MEMBER,
    params: TENANT_PARAMS,
    query: LIST_QUERY,
    answers: {
      200: {
        description: 'A page; the sums stand on the first one.',
        schema: z.object({
          tenant_id: z.string(),
          sessions: z.array(SESSION),
          totals: TOTALS.nullable(),
          next_cursor: NEXT_CURSOR,
        }),
      },
      ...NOT_YOURS,
    },
    async handle(call) {
      const access = await accessToTenant(tools.engine, callerIn(tools, call), call.params.tenant_id);
      if (!access.ok) return refuse(access.refusal);
      const { limit, cursor = null, since = null } = call.query;
      const { tenantId } = access;
      const page = await tools.models.listMetrics({ tenantId, limit, cursor, since });
      if (page === null) return CURSOR_REFUSED;
      return answerJson({
        tenant_id: tenantId,
        sessions: page.rows.map(sessionJson),
        totals: cursor === null ? await totalsOf(tools, tenantId, since) : null,
        next_cursor: page.cursor,
      });
    },
  });

const REFERENCES = Object.entries(SOFT_REFERENCES).flatMap(([type, fields]) =>
  Object.entries(fields).map(([field, target]) => ({
    type: typeKeyOf(type as TypeName),
    field,
    target: typeKeyOf(target as TypeName),
  })),
);

async function totalsOf(
  { models, queue }: SyncTools,
  tenantId: string,
  since: number | null,
): Promise<z.output<typeof TOTALS>> {
  const totals = await models.totals(tenantId, since);
  const dangling = await models.dangling(tenantId, REFERENCES);
  const { length, waitingForCommit, waitingForRetry, failed } = queue.statistics(tenantId);
  return {
    sessions: totals.sessions,
    sessions_successful: totals.sessionsSuccessful,
    average_duration_ms: totals.averageDurationMs,
    outcomes: { ...totals.outcomes, refused: totals.refused },
    ...ratesOf(totals),
    conflicts: {
      pending: totals.conflicts.pending,
      resolved: totals.conflicts.resolved,
      resolved_by_person: totals.conflicts.resolvedByPerson,
    },
    queue: { length, waiting_for_commit: waitingForCommit, waiting_for_retry: waitingForRetry, failed },
    dangling_references: dangling.map(({ type, field, count: ids }) => ({
      entity_type: type.slice(type.indexOf('.') + 1),
      field,
      count: ids,
    })),
  };
}

/** What was decided counts as a success, whichever side won. */
function ratesOf({ outcomes, refused }: SyncTotals) {
  const decided = Object.values(outcomes).reduce((sum, one) => sum + one, 0);
  const all = decided + refused;
  return { success_rate: all === 0 ? null : decided / all, error_rate: all === 0 ? null : refused / all };
}
