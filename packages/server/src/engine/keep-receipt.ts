/** Keeps the receipt of an acknowledged change, so that the same change sent again is answered alike. */
import { packReceipt } from './receipts.ts';
import type { Acknowledged } from './submission.ts';
import type { ChangeTask } from './unit.ts';
import type { WorkingCopy } from './working-copy.ts';

/** `scope`: where it was decided. A change that had waited has its receipt already. */
export function keepReceipt(copy: WorkingCopy, task: ChangeTask, receipt: Acknowledged, scope: string): void {
  if (task.resumes !== null) return;
  copy.keepReceipt({
    actor: task.call.actor,
    changeId: task.change.changeId,
    fingerprint: task.fingerprint,
    scope,
    body: packReceipt(receipt),
  });
}
