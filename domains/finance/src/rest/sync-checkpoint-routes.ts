/** A tenant's checkpoints: taking one, looking whether one is good, and going back to one. */
import { formatInstant } from '@ackord/core';
import { answerJson, type Checkpoint, type RestRoute, refuse, restRoute } from '@ackord/server';
import { z } from 'zod';
import { accessToTenant, tenantScope } from '../access.ts';
import { callerIn, TENANT_PARAMS } from './calls.ts';
import {
  count,
  EDITOR,
  MEMBER,
  moment,
  NOT_YOURS,
  noteAct,
  OWNER,
  refusedCall,
  SYNC,
  type SyncTools,
} from './sync-tools.ts';

export const syncCheckpointRoutes = (tools: SyncTools): RestRoute[] => [
  create(tools),
  list(tools),
  verify(tools),
  restore(tools),
];

const CHECKPOINT = z
  .object({
    id: z.string(),
    tenant_id: z.string(),
    checkpoint_type: z.enum(['full_sync', 'incremental_sync']),
    last_sync_time: moment,
    entity_counts: z.record(z.string(), count),
    data_checksums: z.record(z.string(), z.string()),
    sync_version: z.string(),
    created_at: moment,
    is_valid: z.boolean(),
    validation_errors: z.array(z.object({ code: z.string(), message: z.string() })),
  })
  .meta({ id: 'SyncCheckpoint', description: 'What a tenant was at some moment, as counts and checksums.' });

const checkpointJson = (tenantId: string, checkpoint: Checkpoint): z.output<typeof CHECKPOINT> => ({
  id: checkpoint.id,
  tenant_id: tenantId,
  checkpoint_type: checkpoint.type,
  last_sync_time: formatInstant(checkpoint.lastSyncTime),
  entity_counts: { ...checkpoint.counts },
  data_checksums: { ...checkpoint.checksums },
  sync_version: `${checkpoint.epoch}.${checkpoint.seq}`,
  created_at: formatInstant(checkpoint.createdAt),
  is_valid: checkpoint.isValid,
  validation_errors: [...checkpoint.faults],
});

const PATH = '/api/v1/sync/checkpoints/{tenant_id}';
const PARAMS = TENANT_PARAMS.extend({ checkpoint_id: z.string().max(64) });

const create = (tools: SyncTools): RestRoute =>
  restRoute({
    method: 'POST',
    path: PATH,
    tag: SYNC,
    summary: 'Takes a checkpoint',
    description: 'Only counts and checksums are stored; history tells the rest, as long as it is kept.',
    access: EDITOR,
    params: TENANT_PARAMS,
    body: z.object({ checkpoint_type: z.enum(['full_sync', 'incremental_sync']).default('full_sync') }),
    bodyOptional: true,
    answers: { 201: { description: 'It is taken.', schema: CHECKPOINT }, ...NOT_YOURS },
    async handle(call) {
      const access = await accessToTenant(
        tools.engine,
        callerIn(tools, call),
        call.params.tenant_id,
        'EDITOR',
      );
      if (!access.ok) return refuse(access.refusal);
      const { tenantId, actor } = access;
      const type = call.body.checkpoint_type;
      const made = await tools.checkpoints.create({ actor, scope: tenantScope(tenantId), type });
      if (!made.ok) return refusedCall(made);
      await noteAct(tools, tenantId, actor, 'checkpoint', made.checkpoint.id);
      return answerJson(checkpointJson(tenantId, made.checkpoint), 201);
    },
  });

const list = (tools: SyncTools): RestRoute =>
  restRoute({
    method: 'GET',
    path: PATH,
    tag: SYNC,
    summary: 'Lists checkpoints, newest first',
    access: MEMBER,
    params: TENANT_PARAMS,
    answers: {
      200: {
        description: 'All that are kept.',
        schema: z.object({ tenant_id: z.string(), checkpoints: z.array(CHECKPOINT) }),
      },
      ...NOT_YOURS,
    },
    async handle(call) {
      const access = await accessToTenant(tools.engine, callerIn(tools, call), call.params.tenant_id);
      if (!access.ok) return refuse(access.refusal);
      const { tenantId, actor } = access;
      const found = await tools.checkpoints.list({ actor, scope: tenantScope(tenantId) });
      if (!found.ok) return refusedCall(found);
      const checkpoints = found.checkpoints.map((one) => checkpointJson(tenantId, one));
      return answerJson({ tenant_id: tenantId, checkpoints });
    },
  });

const CHECK = z
  .object({
    checkpoint: CHECKPOINT,
    entity_counts: z
      .record(z.string(), count)
      .nullable()
      .describe('As history tells; null: it does not reach back.'),
    data_checksums: z.record(z.string(), z.string()).nullable(),
    differing_types: z.array(z.string()),
    changes_needed: count.describe('Records that would change if the tenant went back.'),
  })
  .meta({ id: 'CheckpointCheck', description: 'Whether a checkpoint is good.' });

const verify = (tools: SyncTools): RestRoute =>
  restRoute({
    method: 'GET',
    path: `${PATH}/{checkpoint_id}/verify`,
    tag: SYNC,
    summary: 'Reckons from history what the tenant was, and compares that with a checkpoint',
    access: MEMBER,
    params: PARAMS,
    answers: { 200: { description: 'What was found.', schema: CHECK }, ...NOT_YOURS },
    async handle(call) {
      const { tenant_id, checkpoint_id } = call.params;
      const access = await accessToTenant(tools.engine, callerIn(tools, call), tenant_id);
      if (!access.ok) return refuse(access.refusal);
      const { tenantId, actor } = access;
      const found = await tools.checkpoints.verify({
        actor,
        scope: tenantScope(tenantId),
        id: checkpoint_id,
      });
      if (!found.ok) return refusedCall(found);
      const { checkpoint, former, differingTypes, changesNeeded } = found.check;
      return answerJson({
        checkpoint: checkpointJson(tenantId, checkpoint),
        entity_counts: former?.counts ?? null,
        data_checksums: former?.checksums ?? null,
        differing_types: differingTypes,
        changes_needed: changesNeeded,
      });
    },
  });

const RESTORED = z
  .object({
    tenant_id: z.string(),
    checkpoint_id: z.string(),
    deleted: count,
    revived: count,
    updated: count,
    refused: count,
    rounds: count,
    verified: z.boolean().describe('The tenant is what it was, by its checksums.'),
    differing: z.array(z.object({ entity_type: z.string(), entity_id: z.string() })),
    differing_count: count,
  })
  .meta({ id: 'RestoredTenant', description: 'What going back to a checkpoint has done.' });

const restore = (tools: SyncTools): RestRoute =>
  restRoute({
    method: 'POST',
    path: `${PATH}/{checkpoint_id}/restore`,
    tag: SYNC,
    summary: 'Takes a tenant back to a checkpoint',
    description:
      'By ordinary changes: apps receive them, and history is kept. What somebody edits meanwhile is met again, up to three times; what differs then is named.',
    access: OWNER,
    params: PARAMS,
    answers: {
      200: { description: 'It went back as far as it could.', schema: RESTORED },
      410: { description: 'The checkpoint can’t be gone back to any more.' },
      ...NOT_YOURS,
    },
    async handle(call) {
      const { tenant_id, checkpoint_id } = call.params;
      const access = await accessToTenant(tools.engine, callerIn(tools, call), tenant_id, 'OWNER');
      if (!access.ok) return refuse(access.refusal);
      const { tenantId, actor } = access;
      const session = tools.models.startSession({ tenantId, syncType: 'manual', trigger: 'api' });
      const result = await tools.checkpoints.restore({
        actor,
        scope: tenantScope(tenantId),
        id: checkpoint_id,
      });
      if (!result.ok) {
        const none = { processed: 0, successful: 0, failed: 0, conflicts: 0, success: false };
        tools.models.endSession(session, { ...none, errorSummary: result.code });
        return refusedCall(result);
      }
      const { report } = result;
      const successful = report.deleted + report.revived + report.updated;
      tools.models.endSession(session, {
        processed: successful + report.refused,
        successful,
        failed: report.refused,
        conflicts: 0,
        success: report.verified,
      });
      const { deleted, revived, updated, refused, rounds, verified } = report;
      const sums = { deleted, revived, updated, refused, rounds, verified };
      await noteAct(tools, tenantId, actor, 'restore', checkpoint_id, sums);
      return answerJson({
        tenant_id: tenantId,
        checkpoint_id,
        ...sums,
        differing: report.differing.map(({ type, id }) => ({ entity_type: type, entity_id: id })),
        differing_count: report.differingCount,
      });
    },
  });
