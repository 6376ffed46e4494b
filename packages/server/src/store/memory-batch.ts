/** What a batch reads of the memory store's state: first by keys, then in detail. Plain looks, no index. */
import type { RecordState, Registry } from '@ackord/core';
import type { ConflictView } from '../engine/conflict-view.ts';
import type {
  BatchDetailState,
  BatchDetails,
  BatchRead,
  BatchState,
  HistoryLine,
  RecordKey,
} from '../engine/ports.ts';
import {
  distinct,
  isOwnedBy,
  keyOf,
  linesOf,
  type MemoryState,
  recordKey,
  recordsByKey,
  rowsOf,
} from './memory-state.ts';

type ScopedKey = RecordKey & { readonly scope: string };

export function readBatch(
  state: MemoryState,
  { keys, receipts, scopes, actors, waiters = [] }: BatchRead,
): BatchState {
  const disputed = keys.filter(({ withConflicts = false }) => withConflicts).map(recordKey);
  const waiting = new Set([...state.waiting.values()].map(({ actor }) => actor));
  return {
    locations: distinct(keys, recordKey).flatMap((key) => state.locations.get(recordKey(key)) ?? []),
    records: recordsByKey(state, scopes, keys),
    receipts: distinct(receipts, ({ actor, changeId }) => keyOf(actor, changeId)).flatMap(
      ({ actor, changeId }) => state.receipts.get(keyOf(actor, changeId)) ?? [],
    ),
    memberships: [...state.memberships.values()].filter(
      ({ scope, userId }) => scopes.includes(scope) && actors.includes(userId),
    ),
    digests: [...state.digests.values()].filter(({ scope }) => scopes.includes(scope)),
    conflicts: [...state.conflicts.values()].filter(
      ({ scope, type, entityId, status }) =>
        status === 'pending' &&
        scopes.includes(scope) &&
        disputed.includes(recordKey({ type, id: entityId })),
    ),
    actorsWaiting: waiters.filter((actor) => waiting.has(actor)),
  };
}

export function readDetails(
  state: MemoryState,
  request: BatchDetails,
  registry: Registry | null,
): BatchDetailState {
  const records = [
    ...request.descendantsOf.flatMap((key) => descendants(state, key, registry)),
    ...request.deletions.flatMap(({ scope, deletion }) => takenBy(state, scope, deletion)),
    ...request.uniques.flatMap(({ scope, type, key }) =>
      rowsOf(state, scope)
        .filter(({ record, uniqueKey }) => !record.tombstone && record.type === type && uniqueKey === key)
        .map(({ record }) => record),
    ),
  ];
  return {
    history: request.history.flatMap((wanted) => history(state, wanted)),
    records: distinct(records, (record) => keyOf(record.scope, record.type, record.id)),
    conflicts: [...state.conflicts.values()].filter(
      (conflict) =>
        request.conflicts.some(({ scope, id }) => conflict.scope === scope && conflict.id === id) ||
        (conflict.status === 'pending' && request.openConflicts.some((key) => isAbout(conflict, key))),
    ),
    versionsAt: request.versionsAt.flatMap((wanted) => {
      const versions = linesOf(state, wanted.scope)
        .filter(({ type, id, seq }) => type === wanted.type && id === wanted.id && seq <= wanted.seq)
        .map(({ version }) => version);
      return versions.length === 0 ? [] : [{ ...wanted, version: Math.max(...versions) }];
    }),
  };
}

/** In order of versions; lines of the same version (a re-feed, a move) in the order they were written. */
function history(state: MemoryState, wanted: BatchDetails['history'][number]): readonly HistoryLine[] {
  return wanted.scopes
    .flatMap((scope) => linesOf(state, scope))
    .filter(({ type, id, version }) => type === wanted.type && id === wanted.id && version > wanted.after)
    .sort((a, b) => a.version - b.version || a.at - b.at || a.seq - b.seq)
    .map(({ type, id, version, at, actor, before }) => ({ type, id, version, at, actor, before }));
}

function descendants(state: MemoryState, parent: ScopedKey, registry: Registry | null): RecordState[] {
  const alive = rowsOf(state, parent.scope).filter(({ record }) => record.tombstone === null);
  const found = new Map<string, RecordState>();
  const visit = (key: RecordKey): void => {
    for (const row of alive) {
      const child = recordKey(row.record);
      if (found.has(child) || !isOwnedBy(row, key, registry)) continue;
      found.set(child, row.record);
      visit(row.record);
    }
  };
  visit(parent);
  return [...found.values()];
}

const takenBy = (state: MemoryState, scope: string, deletion: string): RecordState[] =>
  rowsOf(state, scope)
    .map(({ record }) => record)
    .filter(({ tombstone }) => tombstone?.kind === 'deleted' && tombstone.deletion === deletion);

const isAbout = (conflict: ConflictView, { scope, type, id }: ScopedKey): boolean =>
  conflict.scope === scope && conflict.type === type && conflict.entityId === id;
