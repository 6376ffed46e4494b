/** How a tenant's syncing is: the queue, the checksums, where an app differs; and settling an entry by hand. */
import { LIMITS } from '@ackord/core';
import { answerJson, isUnavailable, type RestRoute, refuse, restRoute } from '@ackord/server';
import { z } from 'zod';
import { accessToTenant } from '../access.ts';
import { lastSyncSeconds, readDataStatus } from '../status/data-status.ts';
import { detectConflicts } from '../status/detect-conflicts.ts';
import { callerIn, TENANT_PARAMS, tenantIdText } from './calls.ts';
import {
  count,
  MEMBER,
  NOT_YOURS,
  noteAct,
  OWNER,
  plainText,
  refusedCall,
  SYNC,
  type SyncTools,
  seconds,
} from './sync-tools.ts';

export const syncStatusRoutes = (tools: SyncTools): RestRoute[] => [
  status(tools),
  dataStatus(tools),
  detect(tools),
  acknowledge(tools),
];

const STATUS = z
  .object({
    tenant_id: z.string(),
    queue_length: count.describe('Entries that wait for a commit or for another try.'),
    last_sync_time: seconds
      .nullable()
      .describe('Of the tenant’s newest commit; null: there was none, or the database is away.'),
    sync_in_progress: z.boolean(),
    failed_entries_count: count,
    server_time: seconds,
  })
  .meta({ id: 'SyncStatus', description: 'How the syncing of a tenant is just now.' });

const status = (tools: SyncTools): RestRoute =>
  restRoute({
    method: 'GET',
    path: '/api/v1/sync/status/{tenant_id}',
    tag: SYNC,
    summary: 'Tells how long the queue of a tenant is, and when something was last synced',
    access: MEMBER,
    params: TENANT_PARAMS,
    answers: { 200: { description: 'As it is now, on this server.', schema: STATUS }, ...NOT_YOURS },
    async handle(call) {
      const access = await accessToTenant(tools.engine, callerIn(tools, call), call.params.tenant_id);
      if (!access.ok) return refuse(access.refusal);
      const { tenantId, actor } = access;
      // How long the queue is matters most while the database is away.
      const lastSync = await lastSyncSeconds(tools.engine, actor, tenantId).catch(nullIfAway);
      const { length, inProgress, failed } = tools.queue.statistics(tenantId);
      return answerJson({
        tenant_id: tenantId,
        queue_length: length,
        last_sync_time: lastSync,
        sync_in_progress: inProgress,
        failed_entries_count: failed,
        server_time: Math.floor(tools.now() / 1_000),
      });
    },
  });

const nullIfAway = (cause: unknown): null => {
  if (isUnavailable(cause)) return null;
  throw cause;
};

const CHECKSUM = z.object({ entity_id: z.string(), checksum: z.string(), last_modified: seconds });

const DATA_STATUS = z
  .object({
    type: z.literal('data_status_response'),
    tenant_id: z.string(),
    entity_checksums: z.record(z.string(), z.array(CHECKSUM)),
    last_sync_time: seconds,
    server_time: seconds,
  })
  .meta({ id: 'DataStatus', description: 'What a tenant holds, as a checksum per record.' });

const dataStatus = (tools: SyncTools): RestRoute =>
  restRoute({
    method: 'GET',
    path: '/api/v1/sync/data-status/{tenant_id}',
    tag: SYNC,
    summary: 'Lists the checksums of all records of a tenant',
    access: MEMBER,
    params: TENANT_PARAMS,
    query: z.object({
      entity_types: z
        .string()
        .optional()
        .describe('Names between commas, in any case; left out: all nine types.'),
    }),
    answers: { 200: { description: 'By entity type.', schema: DATA_STATUS }, ...NOT_YOURS },
    async handle(call) {
      const access = await accessToTenant(tools.engine, callerIn(tools, call), call.params.tenant_id);
      if (!access.ok) return refuse(access.refusal);
      const names = call.query.entity_types?.split(',').map((name) => name.trim()) ?? null;
      const read = await readDataStatus(tools, access.actor, access.tenantId, names);
      return read.ok ? answerJson(read.status) : refusedCall(read);
    },
  });

const shortText = plainText.max(LIMITS.changeIdLengthMax);

const SENT_CHECKSUM = z.object({
  entity_id: shortText,
  checksum: shortText,
  last_modified: z.number().nullish(),
});

const NAME = z.object({ entity_type: z.string(), entity_id: z.string() });

const DETECTED = z
  .object({
    conflicts: z.array(
      NAME.extend({
        local_checksum: z.string(),
        server_checksum: z.string(),
        local_last_modified: z.number().nullable(),
        server_last_modified: seconds,
      }),
    ),
    local_only: z.array(NAME),
    server_only: z.array(NAME),
  })
  .meta({ id: 'DetectedConflicts', description: 'Where an app and the server differ.' });

const detect = (tools: SyncTools): RestRoute =>
  restRoute({
    method: 'POST',
    path: '/api/v1/sync/detect-conflicts',
    tag: SYNC,
    summary: 'Compares what an app has with what the server has',
    description:
      'Checksums are compared, and times where the app sends them (seconds or milliseconds). Types that are not sent are not looked at.',
    access: MEMBER,
    bodyBytesMax: LIMITS.bodyBytesMax,
    body: z.object({
      tenant_id: tenantIdText,
      client_checksums: z.record(shortText, z.array(SENT_CHECKSUM)),
    }),
    answers: { 200: { description: 'All differences.', schema: DETECTED }, ...NOT_YOURS },
    async handle(call) {
      const { tenant_id, client_checksums } = call.body;
      const access = await accessToTenant(tools.engine, callerIn(tools, call), tenant_id);
      if (!access.ok) return refuse(access.refusal);
      const found = await detectConflicts(tools, access.actor, access.tenantId, client_checksums);
      return found.ok ? answerJson(found.detected) : refusedCall(found);
    },
  });

const ACKNOWLEDGED = z
  .object({ success: z.literal(true), message: z.string(), entry_id: z.string(), tenant_id: z.string() })
  .meta({ id: 'SettledEntry', description: 'An entry that is tried no more.' });

const acknowledge = (tools: SyncTools): RestRoute =>
  restRoute({
    method: 'POST',
    path: '/api/v1/sync/acknowledge',
    tag: SYNC,
    summary: 'Settles an entry by hand: it is tried no more',
    description:
      'An administrator’s act, noted with its actor. It changes no record. An entry that the server does not know is refused, unless `force` is set.',
    access: OWNER,
    body: z.object({
      entry_id: shortText.min(1),
      tenant_id: tenantIdText,
      force: z.boolean().default(false),
      reject: z.boolean().default(false).describe('It counts as rejected, not as acknowledged.'),
    }),
    answers: { 200: { description: 'It is settled.', schema: ACKNOWLEDGED }, ...NOT_YOURS },
    async handle(call) {
      const { entry_id, tenant_id, force, reject } = call.body;
      const access = await accessToTenant(tools.engine, callerIn(tools, call), tenant_id, 'OWNER');
      if (!access.ok) return refuse(access.refusal);
      const { tenantId, actor } = access;
      const how = reject ? 'rejected' : 'acknowledged';
      const wasNoted = await tools.models.settleRefusal(tenantId, entry_id, how, actor.userId);
      const wasWaiting = tools.queue.settle(tenantId, entry_id, how);
      if (!wasNoted && !wasWaiting && !force)
        return refuse({
          status: 404,
          code: 'NOT_FOUND',
          detail: 'No entry of this id waits or has failed here.',
        });
      const known = wasNoted || wasWaiting;
      await noteAct(tools, tenantId, actor, reject ? 'reject' : 'acknowledge', entry_id, { known, force });
      const message = known
        ? `The entry is ${how}; it is tried no more.`
        : `The entry is not known here; it is noted as ${how}.`;
      return answerJson({ success: true, message, entry_id, tenant_id: tenantId });
    },
  });
