/**
 * What a database would say to a write: values that no column takes, and keys that must not be held twice.
 * Input: the committed state and the whole write. Promise: what passes here can be applied without failing.
 */
import type { RecordWrite, WriteSet } from '../engine/ports.ts';
import { keyOf, type MemoryState, recordKey, rowsOf } from './memory-state.ts';

/** Why the write is refused for what it holds, whoever else writes; null when it is fine. */
export function refusal(state: MemoryState, writes: WriteSet): string | null {
  for (const [table, rows] of Object.entries(writes)) {
    if (hasNul(rows)) return `${table}: text with a NUL`;
  }
  const numbers = [
    ...writes.records.flatMap(({ record }) => [record.version, record.seq]),
    ...writes.log.flatMap(({ version, seq }) => [version, seq]),
    ...writes.heads.map(({ head }) => head),
  ];
  if (!numbers.every(Number.isSafeInteger)) return 'a version or seq that is no integer';
  const lines = new Set<string>();
  for (const { scope, seq } of writes.log) {
    const line = keyOf(scope, String(seq));
    if (lines.has(line) || state.log.get(scope)?.has(seq))
      return `log: seq ${seq} of ${scope} is there already`;
    lines.add(line);
  }
  return uniqueKeyHeldTwice(state, writes);
}

/**
 * Which row somebody else committed first, in a scope that this transaction does not hold; null when there is none.
 * The same work, done again, would see that row.
 */
export function collision(state: MemoryState, writes: WriteSet, held: ReadonlySet<string>): string | null {
  for (const { actor, changeId } of writes.receipts) {
    if (state.receipts.has(keyOf(actor, changeId))) return `receipt of ${changeId} is there already`;
  }
  for (const location of writes.locations) {
    const known = state.locations.get(recordKey(location));
    if (known && !held.has(known.scope)) return `${location.type} ${location.id} is filed elsewhere`;
  }
  return null;
}

/** Judged by the state after the write: a key that the same write sets free may be taken. */
function uniqueKeyHeldTwice(state: MemoryState, writes: WriteSet): string | null {
  const scopes = new Set(writes.records.filter(holdsKey).map(({ record }) => record.scope));
  for (const scope of scopes) {
    const rows = new Map(rowsOf(state, scope).map((row) => [recordKey(row.record), row]));
    for (const row of writes.records) if (row.record.scope === scope) rows.set(recordKey(row.record), row);
    const holders = new Set<string>();
    for (const row of rows.values()) {
      if (!holdsKey(row)) continue;
      const holder = keyOf(row.record.type, row.uniqueKey ?? '');
      if (holders.has(holder)) return `unique key held twice in ${scope}`;
      holders.add(holder);
    }
  }
  return null;
}

const holdsKey = ({ record, uniqueKey }: RecordWrite): boolean =>
  uniqueKey !== null && record.tombstone === null;

function hasNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0');
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false;
  if (Array.isArray(value)) return value.some(hasNul);
  return Object.entries(value).some(([name, member]) => hasNul(name) || hasNul(member));
}
