/**
 * From an entry of the app's queue to a change for the engine. What is wrong with it is found here as far as that can
 * be known without looking at records, and said as the answer that the app gets.
 */
import { hash } from 'node:crypto';
import { ERRORS, type ErrorCode, errorText } from '@ackord/core';
import type { RawChange } from '@ackord/server';
import { type EntryName, nameOf, type SyncEntry, type SyncNack, syncEntry } from '../messages/sync-entry.ts';
import { type DecodedEntity, decodeEntity } from '../wire/decode.ts';
import { type OperationName, operationNameOf, type TypeName, typeNameOf } from '../wire/type-names.ts';

type Decoded = Extract<DecodedEntity, { ok: true }>;

export interface ReadEntry {
  readonly kind: 'change';
  readonly name: EntryName;
  readonly typeName: TypeName;
  readonly entityId: string;
  readonly change: RawChange;
  /** null for a deletion. */
  readonly decoded: Decoded | null;
  /** How long before it was sent the edit was made, by the device's own clock; null: it does not say. */
  readonly ageMs: number | null;
  /** When it was to be sent, by the same clock. */
  readonly attemptedAt: number | null;
}

export type DecodedEntry =
  | ReadEntry
  /** Acknowledged, and that is all. */
  | { readonly kind: 'no effect'; readonly name: EntryName }
  | { readonly kind: 'refused'; readonly nack: Refusal };

export type Refusal = Omit<SyncNack, 'server_timestamp'>;

const OPERATIONS = { create: 'CREATE', update: 'UPDATE', delete: 'DELETE' } as const;

export function decodeEntry(sent: unknown, tenantId: string): DecodedEntry {
  const read = syncEntry.safeParse(sent);
  if (!read.success) {
    const [issue] = read.error.issues;
    const detail = `${issue?.path.join('.') || 'payload'}: ${issue?.message ?? 'is not an entry'}.`;
    return { kind: 'refused', nack: invalid(nameOf(sent), detail) };
  }
  const entry = read.data;
  const typeName = typeNameOf(entry.entityType);
  const operation = operationNameOf(entry.operationType);
  const name: EntryName = {
    id: entry.id,
    entityId: entry.entityId,
    entityType: typeName ?? entry.entityType.slice(0, 64).toWellFormed(),
    operationType: operation ?? entry.operationType.slice(0, 64).toWellFormed(),
  };
  if (entry.tenantId !== tenantId)
    return refuse(name, 'FORBIDDEN', 'tenantId is not the tenant of this connection.');
  if (typeName === null)
    return { kind: 'refused', nack: invalid(name, 'entityType: there is no such type of record here.') };
  if (operation === null)
    return { kind: 'refused', nack: invalid(name, 'operationType: must be create, update or delete.') };
  if (operation === 'initial_load' || operation === 'reset') return { kind: 'no effect', name };
  return withPayload(entry, name, typeName, operation);
}

function withPayload(
  entry: SyncEntry,
  name: EntryName,
  typeName: TypeName,
  operation: Exclude<OperationName, 'initial_load' | 'reset'>,
): DecodedEntry {
  const decoded = operation === 'delete' ? null : decodeEntity(typeName, entry.payload);
  if (decoded?.ok === false) return { kind: 'refused', nack: invalid(name, decoded.message) };
  if (decoded && decoded.id !== entry.entityId)
    return { kind: 'refused', nack: invalid(name, 'entityId: must be the id of the payload.') };
  const editedAt = editTime(entry, decoded);
  return {
    kind: 'change',
    name,
    typeName,
    entityId: entry.entityId,
    decoded,
    ageMs: ageOf(entry),
    attemptedAt: entry.lastAttempt ?? null,
    change: {
      entityType: typeName,
      id: entry.entityId,
      operation: OPERATIONS[operation],
      changeId: changeIdOf(entry, typeName, operation, decoded),
      fields: decoded?.fields ?? {},
      ...(editedAt !== null && { clientTime: editedAt }),
      // A sender whose copy differs takes what is stored only if that counts as newer.
      stamp: editedAt === null ? null : editedAt + (decoded?.normalized ? 1 : 0),
    },
  };
}

/** A clock that is further ahead is no clock: what it says would stand above all that anybody edits later. */
const AHEAD_MS_MAX = 366 * 24 * 3_600_000;

/** When the edit was made: the latest time that the entry and its entity name. A deletion has the entry's alone. */
function editTime({ timestamp }: SyncEntry, decoded: Decoded | null): number | null {
  const times = [timestamp, decoded?.sentAt].filter((time): time is number => typeof time === 'number');
  if (times.length === 0) return null;
  return Math.min(Math.max(0, Math.trunc(Math.max(...times))), Date.now() + AHEAD_MS_MAX);
}

function ageOf({ timestamp, lastAttempt }: SyncEntry): number | null {
  if (typeof timestamp !== 'number' || typeof lastAttempt !== 'number') return null;
  return lastAttempt >= timestamp ? lastAttempt - timestamp : null;
}

/**
 * Entries keep their id when they are sent again, but an app may also send another edit under an old id. So the content
 * belongs to the name of the change: the same again is answered as before, another one is decided anew.
 */
function changeIdOf(
  entry: SyncEntry,
  typeName: TypeName,
  operation: string,
  decoded: Decoded | null,
): string {
  // As it was read: keys that nobody knows may hold anything, of any depth.
  const payload = decoded && [decoded.fields, decoded.sentAt, decoded.sentStamp];
  const content = [typeName, entry.entityId, operation, entry.timestamp ?? null, payload];
  return `${entry.id} ${shortHash(JSON.stringify(content))}`;
}

/** 132 bits. */
export const shortHash = (text: string): string => hash('sha256', text, 'base64url').slice(0, 22);

const invalid = (name: EntryName, detail: string): Refusal => nackOf(name, 'INVALID', detail);

const refuse = (name: EntryName, code: ErrorCode, detail: string): DecodedEntry => ({
  kind: 'refused',
  nack: nackOf(name, code, detail),
});

/** `retryAfterMs`: of passing faults. */
export function nackOf(name: EntryName, code: ErrorCode, detail?: string, retryAfterMs = 0): Refusal {
  const { retryable } = ERRORS[code];
  return {
    type: 'sync_nack',
    ...name,
    status: 'failed',
    reason: reasonOf(code),
    detail: errorText(code, detail),
    code,
    is_permanent: !retryable,
    retry_after: retryable ? Math.max(1, Math.ceil(retryAfterMs / 1_000)) : null,
  };
}

function reasonOf(code: ErrorCode): SyncNack['reason'] {
  switch (code) {
    case 'FORBIDDEN':
    case 'UNAUTHENTICATED':
      return 'permission_error';
    case 'NOT_FOUND':
      return 'not_found_error';
    case 'UNIQUE':
    case 'DEPENDENCY_FAILED':
    case 'TRANSACTION_ABORTED':
    case 'TRANSACTION_SPLIT':
      return 'constraint_error';
    case 'VERSION_FROM_FUTURE':
    case 'CONFLICT':
      return 'conflict_error';
    case 'BUSY':
    case 'RATE_LIMITED':
      return 'rate_limit_error';
    case 'UNAVAILABLE':
      return 'database_operational_error';
    case 'INTERNAL':
      return 'processing_error';
    default:
      return 'validation_error';
  }
}
