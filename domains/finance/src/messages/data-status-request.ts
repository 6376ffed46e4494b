/**
 * `data_status_request` (older documents: `request_data_status`): what the tenant holds, as checksums →
 * `data_status_response`; and `conflict_report` behind it, where the app sent checksums of its own.
 */
import { LIMITS } from '@ackord/core';
import { z } from 'zod';
import { readDataStatus } from '../status/data-status.ts';
import { reportConflicts } from './detect-conflicts.ts';
import { errorMessage } from './errors.ts';
import { messageKind } from './message-kind.ts';

const checksumsById = z.record(
  z.string(),
  z.record(z.string().max(LIMITS.idLengthMax), z.string().max(LIMITS.wordLengthMax)),
);

export const dataStatusRequest = messageKind({
  type: 'data_status_request',
  alsoCalled: ['request_data_status'],
  schema: z.object({
    tenant_id: z.string().optional(),
    entity_types: z.array(z.unknown()).max(LIMITS.listItemsMax).nullish(),
    entity_checksums: checksumsById.optional(),
  }),
  async handle(session, { tenant_id, entity_types, entity_checksums }) {
    const { tools, actor, tenantId } = session;
    if (tenant_id !== undefined && tenant_id !== tenantId)
      return session.send(errorMessage('FORBIDDEN', undefined, 'data_status_request'));
    const read = await readDataStatus(tools.status, actor, tenantId, entity_types ?? null);
    if (!read.ok) return session.send(errorMessage(read.code, undefined, 'data_status_request'));
    await session.sendText(JSON.stringify(read.status));
    if (!entity_checksums) return;
    const sent = Object.entries(entity_checksums).map(([type, byId]) => {
      const list = Object.entries(byId).map(([entity_id, checksum]) => ({ entity_id, checksum }));
      return [type, list] as const;
    });
    await reportConflicts(session, Object.fromEntries(sent));
  },
});
