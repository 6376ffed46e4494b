/**
 * What the receipts of a batch do to a phone: answered changes leave the outbox, and the replica takes a new base, but
 * only where it has the record that belongs to it.
 */
import { completeFields, type JsonValue } from '@ackord/core';
import type { PendingChange } from './outbox.ts';
import type { Phone } from './phone.ts';
import { type EntityName, entityTypeOf, toStored } from './wire.ts';

export interface Success {
  readonly changeId: string;
  readonly syncVersion: number | null;
  readonly outcome: 'applied' | 'merged' | 'conflict';
  readonly replayed: boolean;
  readonly winner: string | null;
  /** Wire names. */
  readonly mergedFields: readonly string[] | null;
  readonly conflictId: string | null;
  readonly canonicalId: string | null;
  readonly data: string | null;
}

export interface Failure {
  readonly changeId: string | null;
  readonly clientId: string | null;
  readonly error: string;
  readonly code: string | null;
  readonly field: string | null;
  readonly retryable: boolean | null;
  readonly retryAfterMs: number | null;
}

export interface BulkAnswer {
  readonly successful: readonly Success[];
  readonly conflicts: readonly { readonly clientId: string | null; readonly id: string }[];
  readonly failed: readonly Failure[];
}

/** What became of a change, for whoever tells the story. */
export type Outcome = { readonly change: PendingChange } & (
  | { readonly kind: 'applied' | 'merged' | 'conflict'; readonly receipt: Success }
  /** A person has to decide. */
  | { readonly kind: 'pending'; readonly conflictId: string }
  | { readonly kind: 'refused'; readonly failure: Failure }
);

export interface Settled {
  readonly outcomes: readonly Outcome[];
  /** Some changes are to be sent again after so long; null: none. */
  readonly retryAfterMs: number | null;
}

export function settle(phone: Phone, batch: readonly PendingChange[], answer: BulkAnswer): Settled {
  const successes = new Map(answer.successful.map((one) => [one.changeId, one]));
  const pendings = new Map(answer.conflicts.map((one) => [one.clientId, one]));
  const failures = new Map(answer.failed.map((one) => [one.changeId ?? one.clientId, one]));
  const outcomes: Outcome[] = [];
  let retryAfterMs: number | null = null;
  for (const change of batch) {
    const [receipt, pending] = [successes.get(change.changeId), pendings.get(change.changeId)];
    const failure = failures.get(change.changeId);
    if (failure?.retryable) {
      retryAfterMs = Math.max(retryAfterMs ?? 0, failure.retryAfterMs ?? 1_000);
      continue;
    }
    if (receipt) outcomes.push({ change, kind: receipt.outcome, receipt });
    else if (pending) outcomes.push({ change, kind: 'pending', conflictId: pending.id });
    else if (failure) outcomes.push({ change, kind: 'refused', failure });
    else throw new Error(`The answer has no receipt for the change ${change.changeId}`);
    phone.outbox.remove(change.changeId);
    if (receipt) takeBase(phone, change, receipt);
  }
  return { outcomes, retryAfterMs };
}

function takeBase(phone: Phone, change: PendingChange, receipt: Success): void {
  const { entity, id } = change;
  const type = entityTypeOf(entity);
  if (receipt.canonicalId !== null && receipt.canonicalId !== id) {
    phone.replica.drop(entity, id);
    phone.replica.alias(entity, id, receipt.canonicalId);
    phone.outbox.rename(entity, id, receipt.canonicalId);
  }
  const livesAs = receipt.canonicalId ?? id;
  if (receipt.data !== null) {
    takeData(phone, entity, livesAs, receipt);
    return;
  }
  if (change.operation === 'DELETE') {
    phone.replica.drop(entity, id);
    return;
  }
  // Without data the record is what was sent, on what the phone had.
  const before = phone.replica.get(entity, id)?.fields;
  const fields =
    change.operation === 'CREATE' ? completeFields(type, change.fields) : { ...before, ...change.fields };
  if (receipt.syncVersion !== null && (before || change.operation === 'CREATE'))
    phone.replica.put({ type, id, version: receipt.syncVersion, fields });
}

function takeData(phone: Phone, entity: EntityName, id: string, { data, syncVersion }: Success): void {
  const type = entityTypeOf(entity);
  const record = JSON.parse(data ?? 'null') as { readonly [name: string]: JsonValue } | null;
  if (record === null) phone.replica.drop(entity, id);
  else if (syncVersion !== null)
    phone.replica.put({ type, id, version: syncVersion, fields: toStored(type, record) });
}
