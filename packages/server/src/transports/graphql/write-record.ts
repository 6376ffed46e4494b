/**
 * Writing single records, for operations such as `updateTrip` whose callers keep no versions. They walk the same line as
 * every change, blind and under a fresh change id, and are answered with the record as it is then, or with one error.
 */
import { randomUUID } from 'node:crypto';
import { errorText, formatInstant, type Operation, type RecordState } from '@ackord/core';
import type { Acknowledged, RawChange, Receipt, Refused } from '../../engine/submission.ts';
import { type GraphQLContext, requireActor } from './context.ts';
import { readField } from './decode-row.ts';
import { encodeConflict } from './encode-conflict.ts';
import { wireMessage } from './encode-receipt.ts';
import { CallRefused, refusal } from './errors.ts';
import type { RecordView } from './record-view.ts';
import type { WireDomain, WireType } from './wire-type.ts';

export interface RecordWrite {
  /** Wire name of the entity type: `Trip`. */
  readonly type: string;
  readonly operation: Operation;
  /** Left out: a new one. */
  readonly id?: string;
  /** Under the names of the bulk input; moments as milliseconds or texts. Left out: untouched. */
  readonly input?: { readonly [name: string]: unknown };
}

/** Makes or changes a record; throws a CallRefused where that was not accepted. */
export async function writeRecord(context: GraphQLContext, write: RecordWrite): Promise<RecordView> {
  const [view] = await writeRecords(context, [write]);
  if (!view) throw new Error('A write was answered with nothing');
  return view;
}

/** All of them or none. */
export async function writeRecords(
  context: GraphQLContext,
  writes: readonly RecordWrite[],
): Promise<RecordView[]> {
  const records = await writeRaw(
    context,
    writes.map((write) => changeOf(typeOf(context.wire, write.type), write)),
  );
  context.reads.remember({ records });
  return records.map((record) => context.toView(record));
}

/** The same with fields under their stored names, also of internal types. All of them or none. */
export async function writeRaw(
  context: GraphQLContext,
  changes: readonly RawChange[],
): Promise<RecordState[]> {
  const receipts = await submitChanges(context, changes);
  return receipts.map((receipt) => recordOf(context, receipt));
}

/** true: it is gone now, also where it was gone before. false: somebody else's change went before the deletion. */
export const deleteRecord = (context: GraphQLContext, type: string, id: string): Promise<boolean> =>
  deleteRecords(context, type, [id]);

/** All of them or none. */
export async function deleteRecords(
  context: GraphQLContext,
  entityType: string,
  ids: readonly string[],
): Promise<boolean> {
  const deletions = ids.map((id): RawChange => ({ entityType, operation: 'DELETE', id, fields: {} }));
  return (await submitChanges(context, deletions)).every(({ stands }) => stands);
}

async function submitChanges(
  context: GraphQLContext,
  changes: readonly RawChange[],
): Promise<readonly Acknowledged[]> {
  const { engine, wire } = context;
  const actor = requireActor(context);
  const transactionId = changes.length > 1 ? randomUUID() : undefined;
  const { receipts } = await engine.submit({
    domain: wire.name,
    actor,
    device: context.reader,
    batchId: randomUUID(),
    origin: 'legacy',
    changes: changes.map((change) => ({ ...change, transactionId })),
  });
  const aborted = receipts.find(isRefused);
  // Of a group that was not applied, the others only say that this one was at fault.
  const culprit = receipts.find((receipt) => isRefused(receipt) && receipt.code !== 'TRANSACTION_ABORTED');
  const refused = culprit ?? aborted;
  if (refused && isRefused(refused)) throw refusalOf(wire, refused);
  const decided = receipts.filter((receipt): receipt is Acknowledged => !isRefused(receipt));
  for (const { conflict } of decided) {
    if (conflict?.status !== 'pending') continue;
    throw new CallRefused('CONFLICT', errorText('CONFLICT'), 0, { conflict: encodeConflict(wire, conflict) });
  }
  return decided;
}

const isRefused = (receipt: Receipt): receipt is Refused =>
  receipt.status === 'rejected' || receipt.status === 'retry';

function typeOf(wire: WireDomain, name: string): WireType {
  const type = wire.byName.get(name);
  if (!type) throw new Error(`${name} is no type of ${wire.name}`);
  return type;
}

function changeOf(type: WireType, { operation, id, input = {} }: RecordWrite): RawChange {
  const fields: Record<string, unknown> = {};
  let malformed: RawChange['malformed'];
  for (const [name, value] of Object.entries(input)) {
    // A new record has nothing that could be cleared.
    if (value === undefined || (operation === 'CREATE' && value === null)) continue;
    const fault = readField(type, operation === 'CREATE', name, textOfMoment(type, name, value), fields);
    if (fault) malformed ??= fault;
  }
  return { entityType: type.entity.name, id: id ?? null, operation, fields, ...(malformed && { malformed }) };
}

/** GraphQL reads a moment to milliseconds; records keep its text. */
function textOfMoment(type: WireType, name: string, value: unknown): unknown {
  const input = type.inputByName.get(name);
  const isMoment = input?.kind === 'field' && input.field.kind === 'instant';
  return isMoment && typeof value === 'number' ? formatInstant(value) : value;
}

/** The record as the answer shows it: with the stamp that this caller may keep. */
function recordOf(context: GraphQLContext, { record, updatedAt, conflict }: Acknowledged): RecordState {
  if (record?.tombstone === null) return { ...record, updatedAt: updatedAt ?? record.updatedAt };
  // It was deleted meanwhile. What was sent is kept, and whoever could see the record may know so.
  const kept = conflict && { conflict: encodeConflict(context.wire, conflict) };
  throw new CallRefused('FORBIDDEN', errorText('FORBIDDEN'), 0, kept ?? undefined);
}

/** Single writes know few codes: the caller's values are wrong, or the record is not the caller's to change. */
function refusalOf(
  wire: WireDomain,
  { code, message, field, entityType, retryAfterMs }: Refused,
): CallRefused {
  const said = wireMessage(wire.byName.get(entityType), message, field);
  switch (code) {
    case 'INVALID':
    case 'UNIQUE':
      return new CallRefused('BAD_USER_INPUT', said, 0, { field: wireField(wire, entityType, field) });
    case 'NOT_FOUND':
    case 'DEPENDENCY_FAILED':
      return refusal('FORBIDDEN');
    default:
      return new CallRefused(code, said, retryAfterMs);
  }
}

const wireField = (wire: WireDomain, entityType: string, field: string | null): string | null =>
  field && (wire.byName.get(entityType)?.wireNames.get(field) ?? field);
