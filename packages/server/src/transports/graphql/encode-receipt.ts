/**
 * Receipts of a bulk submission in the three lists of its answer (sync-rules §8): what stands is in `successful`, also
 * when a conflict was decided on the way; what waits for a person is in `conflicts`; refusals are in `failed`.
 */
import { ERRORS, type RecordState } from '@ackord/core';
import type { Acknowledged, RawChange, Receipt, Refused } from '../../engine/submission.ts';
import { IS_NO_INPUT } from './decode-row.ts';
import { encodeConflict, type WireConflict } from './encode-conflict.ts';
import { recordText } from './wire-json.ts';
import type { WireDomain, WireType } from './wire-type.ts';

export interface RowFacts {
  readonly clientId: string | null;
  readonly index: number;
  readonly memberNames: ReadonlyMap<string, string> | null;
  /** What could not be read of it is named as it came. */
  readonly change: Pick<RawChange, 'malformed'> | null;
}

export interface BulkLists {
  readonly successful: ReturnType<typeof encodeSuccess>[];
  readonly conflicts: WireConflict[];
  readonly failed: ReturnType<typeof encodeFailure>[];
}

/**
 * `withData`: the caller asked for the records that are not what it sent. Only together with them is a new version of
 * use to it: taken without them, the next edit would overwrite what the caller has never seen.
 */
export function encodeReceipts(
  wire: WireDomain,
  receipts: readonly Receipt[],
  rows: readonly RowFacts[],
  withData: boolean,
): BulkLists {
  const lists: BulkLists = { successful: [], conflicts: [], failed: [] };
  for (const receipt of receipts) {
    const row = rows[receipt.index] ?? nothingKnown(receipt.index);
    switch (receipt.status) {
      case 'applied':
      case 'merged':
        lists.successful.push(encodeSuccess(wire, receipt, row, withData));
        break;
      case 'conflict':
        if (receipt.conflict?.status === 'pending')
          lists.conflicts.push(encodeConflict(wire, receipt.conflict, row));
        else lists.successful.push(encodeSuccess(wire, receipt, row, withData));
        break;
      case 'rejected':
      case 'retry':
        lists.failed.push(encodeFailure(wire, receipt, row));
        break;
    }
  }
  return lists;
}

const nothingKnown = (index: number): RowFacts => ({
  clientId: null,
  index,
  memberNames: null,
  change: null,
});

// Once per row: no closures and no spreading here. Measured at 10,000 rows: 130 ms with them, 2 ms without.
function encodeSuccess(wire: WireDomain, receipt: Acknowledged, row: RowFacts, withData: boolean) {
  const { record, conflict, mergedFields } = receipt;
  return {
    entityType: receipt.entityType,
    entityId: receipt.entityId,
    operation: receipt.operation ?? 'UPDATE',
    clientId: row.clientId,
    changeId: receipt.changeId,
    index: row.index,
    syncVersion: record === null || withData ? receipt.version : null,
    updatedAt: receipt.updatedAt,
    replayed: receipt.replayed,
    outcome: receipt.status,
    winner: conflict?.winner ?? null,
    mergedFields:
      mergedFields.length === 0 ? mergedFields : wireNames(wire, receipt.entityType, mergedFields),
    conflictId: conflict?.id ?? null,
    canonicalId: receipt.canonicalId,
    seq: receipt.seq,
    data: withData && record ? dataOf(wire, record) : null,
  };
}

function dataOf(wire: WireDomain, record: RecordState): string | null {
  const type = wire.byKey.get(record.type);
  return type ? recordText(type, record) : null;
}

const wireNames = (wire: WireDomain, entityType: string, fields: readonly string[]): string[] =>
  fields.map((field) => wireName(wire.byName.get(entityType), field));

function encodeFailure(wire: WireDomain, receipt: Refused, row: RowFacts) {
  const { field } = receipt;
  const nameOf = (stored: string): string => sentName(wire.byName.get(receipt.entityType), row, stored);
  return {
    clientId: row.clientId,
    index: row.index,
    entityType: receipt.entityType,
    entityId: receipt.entityId ?? 'unknown',
    error: renamed(receipt.message, field, nameOf),
    code: receipt.code,
    field: field && nameOf(field),
    changeId: receipt.changeId,
    retryable: receipt.status === 'retry' || ERRORS[receipt.code].retryable,
    retryAfterMs: receipt.retryAfterMs,
  };
}

/** The name under which the sender of a row knows the field at fault. */
function sentName(type: WireType | undefined, { change, memberNames }: RowFacts, field: string): string {
  return change?.malformed?.field === field ? field : (memberNames?.get(field) ?? wireName(type, field));
}

/** The engine names fields as they are stored; a caller knows them by their wire names. */
export const wireMessage = (type: WireType | undefined, message: string, field: string | null): string =>
  renamed(message, field, (stored) => wireName(type, stored));

function renamed(message: string, field: string | null, nameOf: (stored: string) => string): string {
  if (field === null || field === '' || message.includes(IS_NO_INPUT)) return message;
  return message.replace(` ${field} `, () => ` ${nameOf(field)} `);
}

const wireName = (type: WireType | undefined, field: string): string => type?.wireNames.get(field) ?? field;
