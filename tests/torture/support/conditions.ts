/** Waiting for a condition, never for a time. */
import { setTimeout as sleep } from 'node:timers/promises';

export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  waitMsMax = 60_000,
): Promise<void> {
  const end = Date.now() + waitMsMax;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`it did not come to this within ${waitMsMax} ms: ${what}`);
    await sleep(10);
  }
}
