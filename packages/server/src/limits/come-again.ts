/** The answer to changes that nobody has looked at: all of them are to be sent again, after so many milliseconds. */
import { type ErrorCode, LIMITS } from '@ackord/core';
import { refused } from '../engine/receipts.ts';
import type { RawChange, SubmissionResult } from '../engine/submission.ts';

export const comeAgain = (
  changes: readonly RawChange[],
  code: ErrorCode,
  retryAfterMs: number,
): SubmissionResult => ({
  receipts: changes.map((raw, index) => ({
    ...refused({ index, entityType: raw.entityType, raw }, code, ''),
    status: 'retry',
    retryAfterMs,
  })),
  serverTime: Date.now(),
});

/** Those who are sent away together come back one after the other. */
export const busy = (changes: readonly RawChange[]): SubmissionResult =>
  comeAgain(changes, 'BUSY', Math.round(LIMITS.busyRetryMs * (1 + Math.random())));
