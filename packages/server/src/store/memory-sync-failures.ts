/** What a device is told of its refused changes, in the memory store: as the port words it. */
import { LIMITS } from '@ackord/core';
import type { RefusedChange, RefusedOfDevice, SyncFailure } from '../engine/ports.ts';
import { keyOf, type MemoryState, mayEnter, recordKey, type StoredFailure } from './memory-state.ts';

export function keepFailures(
  state: MemoryState,
  { userId, device, refused }: RefusedOfDevice,
  now: number,
): void {
  const own = state.failures.get(userId) ?? new Map<string, StoredFailure>();
  for (const change of refused) {
    const failure = failureOf(state, userId, change, now);
    if (!failure) continue;
    const key = keyOf(device, recordKey(failure));
    own.delete(key);
    own.set(key, Object.freeze({ device, failure }));
  }
  for (const key of own.keys()) {
    if (own.size <= LIMITS.failuresPerUserMax) break;
    own.delete(key);
  }
  state.failures.set(userId, own);
}

export const failuresOf = (state: MemoryState, userId: string, device: string): readonly SyncFailure[] =>
  [...(state.failures.get(userId)?.values() ?? [])]
    .filter((kept) => kept.device === device)
    .map(({ failure }) => failure);

/** null where the user sees no such record. */
function failureOf(
  state: MemoryState,
  userId: string,
  { type, id, code, message, field }: RefusedChange,
  at: number,
): SyncFailure | null {
  const aliasOf = state.locations.get(recordKey({ type, id }))?.aliasOf;
  const key = { type, id: aliasOf ?? id };
  const scope = state.locations.get(recordKey(key))?.scope;
  if (scope === undefined || !mayEnter(state, userId, scope)) return null;
  const record = state.records.get(scope)?.get(recordKey(key))?.record;
  if (!record || record.deletedAt !== null) return null;
  return Object.freeze({ ...key, at, code, message, field, version: record.version });
}
