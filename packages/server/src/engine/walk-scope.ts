/** Every record of a scope, live ones and graves, in pages of one snapshot: its size costs time and no memory. */
import { bareId, DigestDelta, type Fields, LIMITS, type RecordState, type Registry } from '@ackord/core';
import type { CheckpointForm, ScopeSums } from './checkpoint-ports.ts';
import type { Snapshot } from './ports.ts';

export async function walkScope(
  snapshot: Snapshot,
  scope: string,
  head: number,
  types: readonly string[],
  onRecord: (record: RecordState) => void,
): Promise<void> {
  for (let after = 0; ; ) {
    const { rows } = await snapshot.feed({
      scopes: [{ scope, after, upTo: head, createdUntil: null }],
      types,
      priority: 0,
      limit: LIMITS.pageRowsMax,
    });
    for (const record of rows) onRecord(record);
    const last = rows.at(-1);
    if (!last || rows.length < LIMITS.pageRowsMax) return;
    after = last.seq;
  }
}

export const typeKeysOf = (registry: Registry, domain: string): string[] =>
  registry.domain(domain).synced.map(({ key }) => key);

export const nameOfType = (key: string): string => key.slice(key.indexOf('.') + 1);

/** Counts and checksums per type. Types without a record are there too. */
export function sumsBy(form: CheckpointForm, registry: Registry) {
  const sums = new Map(registry.domain(form.domain).synced.map(({ name }) => [name, new DigestDelta()]));
  return {
    add(type: string, id: string, fields: Fields): void {
      const name = nameOfType(type);
      sums.get(name)?.add(Buffer.from(form.checksum(name, bareId(id), fields), 'hex'));
    },
    result(): ScopeSums {
      const digests = [...sums].map(([name, sum]) => [name, sum.digest()] as const);
      return {
        counts: Object.fromEntries(digests.map(([name, { count }]) => [name, count])),
        checksums: Object.fromEntries(digests.map(([name, { high, low }]) => [name, hex(high) + hex(low)])),
      };
    },
  };
}

const hex = (half: bigint): string => half.toString(16).padStart(16, '0');

/** Names of the types in which the two differ. */
export const differingTypes = (a: ScopeSums, b: ScopeSums): readonly string[] =>
  [...new Set([...Object.keys(a.checksums), ...Object.keys(b.checksums)])].filter(
    (name) => (a.counts[name] ?? 0) !== (b.counts[name] ?? 0) || a.checksums[name] !== b.checksums[name],
  );
