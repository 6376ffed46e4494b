/** Completing an upload: the bytes are looked at, and the record that they belong to is changed, as by any change. */
import { randomUUID } from 'node:crypto';
import type { RecordState } from '@ackord/core';
import { type FileFacts, type GraphQLContext, isKey, requireActor } from '@ackord/server';
import { type FileSlot, fieldsFor, ownerOf, SLOTS } from './file-slots.ts';

/** Two people may complete the same name at once: the record has to end with the file that stands behind it. */
const ATTEMPTS_MAX = 3;

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
  let file = await files.complete(actor, owner, name);
  for (let attempt = 1; file && slot.takes(file.contentType); attempt += 1) {
    if (!(await tellRecord(context, slot, id, file))) return null;
    const known: FileFacts = file;
    file = await files.complete(actor, owner, name);
    if (file?.key !== known.key && attempt < ATTEMPTS_MAX) continue;
    const [record] = await engine.records(actor, [{ type: owner.type, id }]);
    return record?.fields[slot.field] === name ? record : null;
  }
  return null;
}

/** A change as any other, so that other devices learn of it. False: it was not accepted. */
async function tellRecord(
  context: GraphQLContext,
  slot: FileSlot,
  id: string,
  file: FileFacts,
): Promise<boolean> {
  const { engine, wire } = context;
  const { receipts } = await engine.submit({
    domain: wire.name,
    actor: requireActor(context),
    device: context.device,
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
  return receipt !== undefined && receipt.status !== 'rejected' && receipt.status !== 'retry';
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
