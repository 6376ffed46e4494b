/**
 * A rejected change leaves a trace for the device that made it (sync-rules §7): its record reads as SYNC_ERROR there
 * until the record moves on. Only of records that the caller can see, so that guessing ids tells nothing and fills
 * nothing; and asked and written only when something was rejected.
 */
import { type Domain, isWellFormedText, LIMITS, type Registry } from '@ackord/core';
import type { RefusedChange, Store } from './ports.ts';
import type { Receipt, Refused, Submission } from './submission.ts';
import { recordKey } from './unit.ts';
import { storedId } from './validate.ts';

/** Never fails for a store that is away or busy: what was decided stands, and its answer counts for more. */
export async function keepFailures(
  { store, registry }: { readonly store: Store; readonly registry: Registry },
  { domain, actor, device, origin }: Submission,
  receipts: readonly Receipt[],
): Promise<void> {
  if (origin !== 'client' || device === null || !receipts.some(isRejected)) return;
  if (device.length > LIMITS.deviceIdLengthMax || !isWellFormedText(device)) return;
  const refused = newestRefused(registry.domain(domain), receipts).slice(-LIMITS.failuresPerUserMax);
  if (refused.length === 0) return;
  try {
    await store.saveFailures({ userId: actor.userId, device, refused });
  } catch (cause) {
    if (!isPassing(cause)) throw cause;
  }
}

const isRejected = (receipt: Receipt): receipt is Refused => receipt.status === 'rejected';

/** One for each record whose last change here was rejected. */
function newestRefused(domain: Domain, receipts: readonly Receipt[]): RefusedChange[] {
  const newest = new Map<string, RefusedChange>();
  for (const receipt of receipts) {
    const type = domain.entityByName.get(receipt.entityType);
    const id = receipt.entityId === null ? null : storedId(receipt.entityId, domain);
    // What is tried again later is not decided yet.
    if (!type || id === null || receipt.status === 'retry') continue;
    const key = recordKey(type.key, id);
    newest.delete(key);
    if (isRejected(receipt)) newest.set(key, refusedChange(type.key, id, receipt));
  }
  return [...newest.values()];
}

const refusedChange = (type: string, id: string, { code, message, field }: Refused): RefusedChange => ({
  type,
  id,
  code,
  message: storable(message),
  field: field && storable(field),
});

/** Both may repeat what was sent. */
const storable = (text: string): string =>
  text.slice(0, LIMITS.failureTextLengthMax).replaceAll('\0', '').toWellFormed();

/** The database is away, or others write the same rows just now. */
const isPassing = (cause: unknown): boolean =>
  cause instanceof Error &&
  'outcome' in cause &&
  (cause.outcome === 'unavailable' || cause.outcome === 'again');
