/** Completing an upload: the bytes are looked at, and the record that they belong to is changed, as by any change. */
import { randomUUID } from 'node:crypto';
import type { RecordState } from '@ackord/core';
import { type GraphQLContext, isKey, requireActor } from '@ackord/server';
import { type FileSlot, fieldsFor, ownerOf, SLOTS } from './file-slots.ts';

/** The record with its file; null: there is no such upload of the caller, or it may not change the record. */
export async function completeUpload(
  context: GraphQLContext,
  slot: FileSlot,
  id: string,
  name: string,
): Promise<RecordState | null> {
  const { engine, files, wire } = context;
  const actor = requireActor(context);
  const owner = ownerOf(slot, wire.name, id);
  const file = await files.complete(actor, owner, name);
  if (!file || !slot.takes(file.contentType)) return null;
  const { receipts } = await engine.submit({
    domain: wire.name,
    actor,
    device: context.reader,
    batchId: randomUUID(),
    origin: 'server',
    changes: [
      {
        entityType: slot.entityType,
        id,
        operation: 'UPDATE',
        // The same file may come, go and come again; each time is a change of its own.
        changeId: randomUUID(),
        fields: fieldsFor(slot, file),
      },
    ],
  });
  const [receipt] = receipts;
  if (!receipt || receipt.status === 'rejected' || receipt.status === 'retry') return null;
  const [record] = await engine.records(actor, [{ type: owner.type, id }]);
  return record?.fields[slot.field] === name ? record : null;
}

/**
 * Completes what a record names by a key of this server, where that is an upload which waits for it: apps upload first,
 * then make the record, and say no more. Gives back the record as it is then.
 */
export async function settleFiles(context: GraphQLContext, record: RecordState): Promise<RecordState> {
  let settled = record;
  for (const slot of SLOTS.values()) {
    if (`${context.wire.name}.${slot.entityType}` !== record.type) continue;
    const name = record.fields[slot.field];
    const isHere = slot.isAwaited && record.fields.uploadedObjectName === name;
    if (typeof name !== 'string' || !isKey(name) || isHere) continue;
    settled = (await completeUpload(context, slot, record.id, name)) ?? settled;
  }
  return settled;
}
