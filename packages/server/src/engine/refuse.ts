/** Units that could not be committed for a passing cause: every change is told to come again. */
import { type ErrorCode, errorText } from '@ackord/core';
import { retryReceipt } from './receipts.ts';
import type { Unit } from './unit.ts';

export function refuseUnits(
  units: readonly Unit[],
  code: Extract<ErrorCode, 'BUSY' | 'UNAVAILABLE' | 'INTERNAL'>,
): void {
  for (const task of units.flatMap((unit) => unit.tasks)) {
    if (task.kind === 'change') task.receipt = retryReceipt(task, code);
    else task.result = { ok: false, code, message: errorText(code) };
  }
}
