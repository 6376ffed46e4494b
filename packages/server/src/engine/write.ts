/** Rung 10, first half: what the batch has changed, as the set of rows to write. */
import { hash } from 'node:crypto';
import {
  canonicalJson,
  type Digest,
  DigestDelta,
  emptyDigest,
  type RecordState,
  recordChecksum,
  sumDigests,
} from '@ackord/core';
import type { RecordKey, RecordWrite, ScopeDigest, WriteSet } from './ports.ts';
import type { WorkingCopy } from './working-copy.ts';

/** Node's own SHA-256 is twice as fast as one in JavaScript. */
const sha256 = (text: string): Uint8Array => hash('sha256', text, 'buffer');

export function writesOf(copy: WorkingCopy): WriteSet {
  const deltas = new Map<string, DigestDelta>();
  const records: RecordWrite[] = [];
  for (const key of copy.dirty) {
    const record = copy.records.get(key);
    if (!record) throw new Error(`A dirty record is gone: ${key}`);
    const fieldsText = canonicalJson(record.fields);
    const checksum = recordChecksum(record, sha256, fieldsText);
    const before = copy.original.get(key);
    // A re-fed record has the same content, but for a stamp that rose: its digest need not be reckoned.
    if (!before || before.version !== record.version || before.fields !== record.fields) {
      const delta = deltaOf(deltas, record);
      if (before && before.tombstone === null) delta.remove(recordChecksum(before, sha256));
      if (record.tombstone === null) delta.add(checksum);
    }
    const uniqueKey = uniqueKeyOf(copy, record);
    records.push({ record, fieldsText, checksum, owner: copy.ownerOf(record), uniqueKey });
  }
  return {
    now: copy.now,
    heads: headsOf(copy),
    records,
    locations: [...copy.newLocations.values()],
    log: copy.log,
    receipts: [...copy.newReceipts.values()],
    finalReceipts: [...copy.finalReceipts.values()],
    conflicts: [...copy.newConflicts.values()],
    waiting: stillWaiting(copy),
    waitingDone: copy.waitingDone,
    memberships: [...copy.newMemberships.values()],
    digests: digestsOf(copy, deltas),
    bookmarks: copy.bookmarks,
  };
}

/** What began to wait, but for what was given up in the same batch. */
const stillWaiting = ({ waiting, waitingDone }: WorkingCopy): WriteSet['waiting'] =>
  waitingDone.length === 0 ? waiting : waiting.filter(({ id }) => !waitingDone.includes(id));

/** Records that came to be, came back, or came from elsewhere, of types that others belong to. */
export function arrivedIn({ dirty, records, original, registry }: WorkingCopy): RecordKey[] {
  return [...dirty].flatMap((key) => {
    const record = records.get(key);
    const wasThere = original.get(key)?.tombstone === null;
    if (!record || record.tombstone !== null || wasThere) return [];
    return registry.type(record.type).children.length > 0 ? [{ type: record.type, id: record.id }] : [];
  });
}

function deltaOf(deltas: Map<string, DigestDelta>, { scope, type }: RecordState): DigestDelta {
  const key = `${scope} ${type}`;
  const delta = deltas.get(key) ?? new DigestDelta();
  deltas.set(key, delta);
  return delta;
}

function uniqueKeyOf(copy: WorkingCopy, record: RecordState): string | null {
  return record.tombstone === null
    ? (copy.registry.type(record.type).unique?.key(record.fields) ?? null)
    : null;
}

function headsOf(copy: WorkingCopy): WriteSet['heads'] {
  const moved: { scope: string; head: number; closed: boolean }[] = [];
  for (const [scope, head] of copy.heads) {
    if (head !== copy.scopes.get(scope)?.head) moved.push({ scope, head, closed: copy.closed.has(scope) });
  }
  return moved;
}

function digestsOf(copy: WorkingCopy, deltas: ReadonlyMap<string, DigestDelta>): ScopeDigest[] {
  return [...deltas].map(([key, delta]) => {
    const space = key.lastIndexOf(' ');
    const before: Digest = copy.digests.get(key) ?? emptyDigest;
    return {
      scope: key.slice(0, space),
      type: key.slice(space + 1),
      digest: sumDigests(before, delta.digest()),
    };
  });
}
