/**
 * `process_sync_batch`: many entries at once, decided in one transaction all or none, or each for itself →
 * `sync_batch_result` with an answer for each, in their order.
 */
import { LIMITS } from '@ackord/core';
import { z } from 'zod';
import { inGroup } from '../socket/decide-entries.ts';
import { type DecodedEntry, decodeEntry, nackOf, type ReadEntry } from '../socket/decode-entry.ts';
import { messageKind } from './message-kind.ts';
import { ackWithoutEffect } from './process-sync-entry.ts';

export const processSyncBatch = messageKind({
  type: 'process_sync_batch',
  schema: z.object({
    /** Names the batch; sent again under the same name, it is answered alike. */
    id: z.string().min(1).max(LIMITS.idLengthMax),
    tenant_id: z.string().optional(),
    /** All or none. */
    atomic: z.boolean().default(false),
    entries: z.array(z.unknown()).min(1).max(LIMITS.entriesPerBatchMax),
  }),
  async handle(session, { id, atomic, entries }) {
    const read = entries.map((entry) => decodeEntry(entry, session.tenantId));
    const refused = read.find((one) => one.kind === 'refused');
    if (atomic && refused) return answer(session, id, atomic, refuseAll(read));
    const changes = read.filter((one): one is ReadEntry => one.kind === 'change');
    const members = atomic ? changes.map((one) => inGroup(one, id)) : changes;
    if (members.length === 0) return answer(session, id, atomic, read.map(withoutChange));
    await session.receive(members, (decided) => {
      let next = 0;
      const answers = read.map((one) =>
        one.kind === 'change' ? decided[next++]?.answer : withoutChange(one),
      );
      answer(session, id, atomic, answers);
    });
  },
});

function answer(
  session: { readonly tenantId: string; send(message: object): void },
  id: string,
  atomic: boolean,
  results: readonly unknown[],
): void {
  session.send({ type: 'sync_batch_result', id, tenant_id: session.tenantId, atomic, results });
}

function withoutChange(one: DecodedEntry): object {
  switch (one.kind) {
    case 'refused':
      return { ...one.nack, server_timestamp: Date.now() };
    case 'no effect':
    case 'change':
      return ackWithoutEffect(one.name);
  }
}

const refuseAll = (read: readonly DecodedEntry[]): object[] =>
  read.map((one) =>
    one.kind === 'refused'
      ? withoutChange(one)
      : { ...nackOf(one.name, 'TRANSACTION_ABORTED'), server_timestamp: Date.now() },
  );
