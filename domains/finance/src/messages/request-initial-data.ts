/**
 * `request_initial_data`: everything of the tenant → `initial_data_load`, and updates for what apps don't take from
 * that. With `chunk_size` it comes in parts: `initial_data_chunk`, the last one with a cursor to go on from.
 */
import { bareId, errorText, LIMITS } from '@ackord/core';
import { z } from 'zod';
import { tenantScope } from '../access.ts';
import type { Session } from '../socket/session.ts';
import { encodeEntity } from '../wire/encode.ts';
import { LIST_KEYS, TYPE_NAMES, type TypeName, typeNameOf } from '../wire/type-names.ts';
import { messageKind } from './message-kind.ts';

export const requestInitialData = messageKind({
  type: 'request_initial_data',
  schema: z.object({
    tenant_id: z.string().optional(),
    chunk_size: z.number().int().min(1).max(LIMITS.loadChunkRecordsMax).optional(),
  }),
  handle: (session, { chunk_size }) =>
    chunk_size === undefined ? session.load() : loadInChunks(session, chunk_size),
});

/** Page by page, so that neither side ever holds more than one. */
async function loadInChunks(session: Session, limit: number): Promise<void> {
  const { tenantId, actor, tools } = session;
  let cursor: string | null = null;
  for (let index = 0; ; index++) {
    const read = await tools.engine.scopeChanges({
      actor,
      domain: 'finance',
      scope: tenantScope(tenantId),
      cursor,
      limit,
    });
    if (!read.ok) return session.send({ type: 'error', code: read.code, message: errorText(read.code) });
    const { changes } = read;
    const lists = new Map<TypeName, string[]>(TYPE_NAMES.map((name) => [name, []]));
    for (const { record } of changes.moved) {
      const typeName = typeNameOf(record.type.slice(record.type.indexOf('.') + 1));
      if (typeName === null || record.tombstone !== null) continue;
      lists.get(typeName)?.push(encodeEntity(typeName, bareId(record.id), record.fields));
    }
    const payload = TYPE_NAMES.map((name) => `"${LIST_KEYS[name]}":[${lists.get(name)?.join(',')}]`);
    const head = { type: 'initial_data_chunk', tenant_id: tenantId, index, has_more: changes.hasMore };
    const facts = JSON.stringify({ ...head, cursor: changes.cursor }).slice(0, -1);
    await session.sendText(`${facts},"payload":{${payload.join(',')}}}`);
    if (!changes.hasMore) return;
    cursor = changes.cursor;
  }
}
