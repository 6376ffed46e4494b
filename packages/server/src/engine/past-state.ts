/**
 * What a scope was at an earlier position of its log. Nothing is copied for that: each line of the log keeps the values
 * that it replaced, and a tombstone its fields, so what has happened since is taken back in thought.
 * Promise: exact as long as all lines after the position are there (the scope's horizon is not beyond it).
 */
import { type Fields, type JsonValue, LIMITS, type RecordState } from '@ackord/core';
import type { ReadLine, Snapshot } from './ports.ts';
import { recordKey } from './unit.ts';

/** What is known of a record that has moved since. */
export interface Past {
  /** Was it there? null: neither made nor deleted since, so as it is now. */
  live: boolean | null;
  /** The values of fields that have changed since. */
  readonly values: Map<string, JsonValue>;
}

/** By record key; memory grows with what has changed since, not with the scope. */
export async function readPast(
  snapshot: Snapshot,
  scope: string,
  since: number,
  head: number,
): Promise<ReadonlyMap<string, Past>> {
  const pasts = new Map<string, Past>();
  for (let after = since; after < head; ) {
    const lines = await snapshot.lines([{ scope, after, upTo: head }], LIMITS.pageRowsMax);
    for (const line of lines) takeBack(pasts, line);
    const last = lines.at(-1);
    if (!last) break;
    after = last.seq;
  }
  return pasts;
}

/** Lines come in order, so the first that says something of a field, or of the record, says what was before all. */
function takeBack(pasts: Map<string, Past>, line: ReadLine): void {
  const key = recordKey(line.type, line.id);
  const past = pasts.get(key) ?? { live: null, values: new Map<string, JsonValue>() };
  pasts.set(key, past);
  past.live ??= wasLive(line);
  for (const [field, value] of Object.entries(line.before ?? {}))
    if (!past.values.has(field)) past.values.set(field, value);
}

/** Before the line; null: it does not say. */
function wasLive({ operation, version }: ReadLine): boolean | null {
  switch (operation) {
    case 'CREATE':
    case 'REVIVE':
    case 'MOVE_IN':
    case 'ALIAS':
      return false;
    case 'UPDATE':
    case 'MOVE_OUT':
      return true;
    // A deletion may come before what it deletes: then it makes the first version of a grave.
    case 'DELETE':
      return version > 1;
    case 'REFEED':
    case 'GRANT':
    case 'REVOKE':
    case 'CLOSE':
      return null;
  }
}

export const wasThere = (record: RecordState, past: Past | undefined): boolean =>
  past?.live ?? record.tombstone === null;

/** The fields of a record that was there. */
export const fieldsThen = (record: RecordState, past: Past | undefined): Fields =>
  past === undefined || past.values.size === 0
    ? record.fields
    : { ...record.fields, ...Object.fromEntries(past.values) };
