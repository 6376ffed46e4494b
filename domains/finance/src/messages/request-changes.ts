/** `request_changes`: what has changed since a cursor, page by page → `changes`. Without a cursor: everything. */
import { LIMITS } from '@ackord/core';
import { z } from 'zod';
import { tenantScope } from '../access.ts';
import { dataUpdateOf } from './data-update.ts';
import { errorMessage } from './errors.ts';
import { messageKind } from './message-kind.ts';

export const requestChanges = messageKind({
  type: 'request_changes',
  schema: z.object({
    tenant_id: z.string().optional(),
    cursor: z.string().max(LIMITS.cursorBytesMax).nullish(),
    limit: z.number().int().min(1).max(LIMITS.newsRecordsMax).default(LIMITS.pageRowsDefault),
  }),
  async handle(session, { cursor, limit }) {
    const { tenantId, actor, tools } = session;
    const read = await tools.engine.scopeChanges({
      actor,
      domain: 'finance',
      scope: tenantScope(tenantId),
      cursor: cursor ?? null,
      limit,
    });
    if (!read.ok) return session.send(errorMessage(read.code, undefined, 'request_changes'));
    const { moved, hasMore, fullResync } = read.changes;
    const changes = moved.map((one) => {
      const { typeName, operation, entity } = dataUpdateOf(one);
      return `{"entity_type":"${typeName}","operation_type":"${operation}","version":${one.record.version},"entity":${entity}}`;
    });
    const facts = { type: 'changes', tenant_id: tenantId, cursor: read.changes.cursor };
    const text = JSON.stringify({ ...facts, has_more: hasMore, full_resync: fullResync });
    await session.sendText(`${text.slice(0, -1)},"changes":[${changes.join(',')}]}`);
  },
});
