/** Making receipts: one shape for each way that a change can end. */
import { ERRORS, type ErrorCode, errorText, LIMITS, type Operation, type RecordState } from '@ackord/core';
import type { ConflictView } from './conflict-view.ts';
import type { Acknowledged, RawChange, Receipt, Refused } from './submission.ts';
import type { ChangeTask } from './unit.ts';

/** How long a caller waits after a passing fault, in milliseconds. */
const RETRY_AFTER_MS: { readonly [code in ErrorCode]?: number } = {
  UNAVAILABLE: 2_000,
  INTERNAL: 5_000,
};

/** A NACK for something that did not even become a task. */
export function refused(
  { index, entityType, raw }: { index: number; entityType: string; raw: RawChange },
  code: ErrorCode,
  detail: string,
  field: string | null = null,
): Refused {
  return {
    status: 'rejected',
    index,
    changeId: typeof raw.changeId === 'string' ? raw.changeId : null,
    entityType,
    entityId: typeof raw.id === 'string' ? raw.id : null,
    operation: typeof raw.operation === 'string' ? (raw.operation as Operation) : null,
    code,
    message: errorText(code, detail === '' ? undefined : detail),
    field,
    retryAfterMs: 0,
  };
}

export function rejectedReceipt(
  task: ChangeTask,
  code: ErrorCode,
  detail = '',
  field: string | null = null,
): Refused {
  const { index, entityType, change } = task;
  return {
    ...refused(
      {
        index,
        entityType,
        raw: {
          entityType,
          id: change.id,
          operation: change.operation,
          changeId: change.changeId,
          fields: {},
        },
      },
      code,
      detail,
      field,
    ),
  };
}

/** For the others of a transaction group, of which one was not accepted. */
export const abortedReceipt = (
  task: ChangeTask,
  culprit: { readonly entityType: string; readonly entityId: string | null },
): Refused =>
  rejectedReceipt(
    task,
    'TRANSACTION_ABORTED',
    `The change of ${culprit.entityType} ${culprit.entityId ?? ''} was not accepted.`,
  );

export function retryReceipt(
  task: ChangeTask,
  code: ErrorCode,
  retryAfterMs = RETRY_AFTER_MS[code] ?? LIMITS.busyRetryMs,
): Refused {
  if (!ERRORS[code].retryable) throw new Error(`${code} is final`);
  return { ...rejectedReceipt(task, code), status: 'retry', retryAfterMs };
}

export function acknowledged(
  task: ChangeTask,
  facts: {
    readonly status: Acknowledged['status'];
    readonly record: RecordState | null;
    /** The record as it was before the change. */
    readonly before?: RecordState | null;
    readonly conflict?: ConflictView | null;
    readonly canonicalId?: string | null;
    readonly stands?: boolean;
    readonly isNews?: boolean;
    /** The sender has the record as it was before this change, and what it sent is what is stored. */
    readonly isKnown?: boolean;
    readonly stamp?: number | null;
    /** Its device has not been given all that others changed in the record before. */
    readonly holdsUnread?: boolean;
    readonly mergedFields?: readonly string[];
  },
): Acknowledged {
  const { record, status, holdsUnread = false } = facts;
  const stands = facts.stands ?? true;
  // What is fed again to a sender whose values don't all stand must count as newer than this answer.
  const stamps = stands ? record : (facts.before ?? record);
  // Who keeps the stamp of this answer takes from the feed only what is newer: so is then what it has not read.
  const updatedAt = stamps && stamps.updatedAt - (holdsUnread && stands ? 1 : 0);
  // A client takes a new base only together with data, unless the record is exactly what it sent on what it had.
  const differs =
    !stands || status !== 'applied' || facts.isKnown === false || task.change.origin === 'legacy';
  return {
    status,
    index: task.index,
    changeId: task.change.changeId,
    entityType: task.entityType,
    entityId: task.change.id,
    operation: task.change.operation,
    version: record?.version ?? null,
    seq: stamps?.seq ?? null,
    isNews: facts.isNews ?? true,
    updatedAt: updatedAt ?? null,
    stamp: facts.stamp ?? null,
    replayed: false,
    mergedFields: facts.mergedFields ?? [],
    conflict: facts.conflict ?? null,
    canonicalId: facts.canonicalId ?? null,
    stands,
    record: differs || (facts.canonicalId ?? null) !== null ? record : null,
  };
}

export const isAcknowledged = (receipt: Receipt): receipt is Acknowledged =>
  receipt.status === 'applied' || receipt.status === 'merged' || receipt.status === 'conflict';

/**
 * A receipt as it is stored: what the change itself doesn't say, and only where it is not what it mostly is. There is one
 * for every change ever acknowledged, so its size is felt.
 */
export function packReceipt(receipt: Acknowledged): unknown {
  const { status, version, seq, updatedAt, stamp, mergedFields, conflict } = receipt;
  const { canonicalId, stands, isNews, record } = receipt;
  return {
    ...(status !== 'applied' && { status }),
    ...(version !== null && { version }),
    ...(seq !== null && { seq }),
    ...(updatedAt !== null && { updatedAt }),
    ...(stamp !== null && { stamp }),
    ...(mergedFields.length > 0 && { mergedFields }),
    ...(conflict && { conflict }),
    ...(canonicalId !== null && { canonicalId }),
    ...(!stands && { stands }),
    ...(!isNews && { isNews }),
    ...(record && { record }),
  };
}

/** The stored receipt of a change of which nothing was applied, for the conflict that it is kept in. */
export const packedLoss = (conflict: ConflictView): unknown => ({
  status: 'conflict',
  conflict,
  stands: false,
});

/** The stored receipt of a change that was sent again. */
export function unpackReceipt(task: ChangeTask, packed: unknown): Acknowledged {
  const fresh = acknowledged(task, { status: 'applied', record: null });
  return { ...fresh, ...(packed as Partial<Acknowledged>), replayed: true };
}
