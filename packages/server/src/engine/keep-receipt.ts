/** Keeps the receipt of an acknowledged change, so that the same change sent again is answered alike. */
import { packReceipt } from './receipts.ts';
import type { Acknowledged } from './submission.ts';
import type { ChangeTask } from './unit.ts';
import type { WorkingCopy } from './working-copy.ts';

/** `scope`: where it was decided. A change that had waited has a receipt already, which this one takes the place of. */
export function keepReceipt(copy: WorkingCopy, task: ChangeTask, receipt: Acknowledged, scope: string): void {
  // Its change id is fresh each time: nobody can send it again.
  if (task.change.origin === 'legacy') return;
  const { actor } = task.call;
  const { changeId } = task.change;
  const final = { actor, changeId, scope, body: packReceipt(receipt) };
  if (task.resumes === null) copy.keepReceipt({ ...final, fingerprint: task.fingerprint });
  else copy.replaceReceipt(final);
}
