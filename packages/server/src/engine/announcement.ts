/**
 * 'Scope S is at n', as the bus carries it, and with it what a commit has written there: followers whose position it
 * continues need not read that again. What is too much to ride along is read from the store.
 */
import { LIMITS, type RecordState } from '@ackord/core';
import { conflictAnnouncements } from './conflict-watch.ts';
import { groupBy } from './group-by.ts';
import type { ReadLine, WriteSet } from './ports.ts';
import type { WorkingCopy } from './working-copy.ts';

export interface Announcement {
  readonly scope: string;
  readonly head: number;
  /** Users whose role in it has changed. */
  readonly users: readonly string[];
  /** What brought the scope there; null: followers read it. */
  readonly news: () => CommitNews | null;
}

/** All that happened in a scope from a position to its head. */
export interface CommitNews {
  readonly from: number;
  /** The records that moved, of all types, as they are now, in order of seq. */
  readonly records: readonly RecordState[];
  readonly lines: readonly ReadLine[];
  readonly closed: boolean;
}

/** Of the scopes that a batch has moved. Grouped when somebody first asks: mostly there are no followers. */
export function announcementsOf(copy: WorkingCopy, writes: WriteSet): Announcement[] {
  let byScope: ReadonlyMap<string, readonly RecordState[]> | null = null;
  let lines: ReadonlyMap<string, readonly ReadLine[]> | null = null;
  const newsIn = (scope: string): CommitNews | null => {
    if (writes.log.length > LIMITS.newsRecordsMax) return null;
    byScope ??= groupBy(
      writes.records.map(({ record }) => record),
      (record) => record.scope,
    );
    lines ??= groupBy(
      writes.log.map((line) => ({ ...line, at: writes.now })),
      (line) => line.scope,
    );
    return {
      from: copy.scopes.get(scope)?.head ?? 0,
      records: (byScope.get(scope) ?? []).toSorted((a, b) => a.seq - b.seq),
      lines: lines.get(scope) ?? [],
      closed: copy.closed.has(scope),
    };
  };
  const ofScopes = writes.heads.map(({ scope, head }) => ({
    scope,
    head,
    users: writes.memberships.filter((one) => one.scope === scope).map(({ userId }) => userId),
    news: () => newsIn(scope),
  }));
  return [...ofScopes, ...conflictAnnouncements(writes)];
}
