/** A receipt as it travels. */
import { bareId, toWireRecord, type WireReceipt } from '@ackord/core';
import { isAcknowledged } from '../../engine/receipts.ts';
import type { Acknowledged, Receipt } from '../../engine/submission.ts';

export function wireReceipt(receipt: Receipt): WireReceipt {
  const { entityId } = receipt;
  const id = entityId === null ? null : bareId(entityId);
  const name = { changeId: receipt.changeId, type: receipt.entityType, id };
  if (isAcknowledged(receipt)) return { ...name, ...acknowledgedFacts(receipt) };
  const { status, code, message, field, retryAfterMs } = receipt;
  return {
    ...name,
    status,
    code,
    message,
    ...(field !== null && { field }),
    ...(retryAfterMs > 0 && { retryAfterMs }),
  };
}

function acknowledgedFacts(receipt: Acknowledged) {
  const { status, version, seq, updatedAt, conflict, record, canonicalId, mergedFields } = receipt;
  return {
    status,
    version,
    seq,
    updatedAt,
    ...(receipt.replayed && { replayed: true as const }),
    ...(canonicalId !== null && { canonicalId: bareId(canonicalId) }),
    ...(mergedFields.length > 0 && { mergedFields: [...mergedFields] }),
    ...(conflict && {
      conflict: {
        id: conflict.id,
        kind: conflict.conflictType,
        status: conflict.status,
        winner: conflict.winner,
        fields: [...conflict.fields],
      },
    }),
    ...(record && { record: toWireRecord(record) }),
  };
}
