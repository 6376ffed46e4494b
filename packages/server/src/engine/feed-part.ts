/** What a page holds of the feed: the rows that were asked for, their owners in front. */
import type { Role } from '@ackord/core';
import type { FeedQuery, FeedRow, FeedRows, RecordKey, Snapshot } from './ports.ts';

export interface AskedPart {
  readonly snapshot: Snapshot;
  readonly query: FeedQuery;
  readonly roles: ReadonlyMap<string, Role>;
}

export interface FeedPart<R> {
  readonly records: readonly R[];
  /** How many records these are. */
  readonly count: number;
  /** How many rows of the feed were read: owners in front are none of them, and of what has moved not all is told. */
  readonly rows: number;
  /** The last of those rows. */
  readonly last: Pick<FeedRow, 'scope' | 'seq'> | undefined;
}

export async function partOf<R extends FeedRow>(
  { rows, ancestors }: FeedRows<R>,
  told: (records: readonly R[]) => Promise<readonly R[]>,
): Promise<FeedPart<R>> {
  const records = await told([...ancestors, ...rows]);
  return { records, count: records.length, rows: rows.length, last: rows.at(-1) };
}

/** A record that moved to another scope of the caller's is not gone for it: it arrives there. */
export async function withoutMovedElsewhere<R extends FeedRow>(
  snapshot: Snapshot,
  records: readonly R[],
  roles: ReadonlyMap<string, Role>,
): Promise<R[]> {
  const moved: RecordKey[] = records.filter((record) => record.tombstone?.kind === 'moved');
  if (moved.length === 0) return [...records];
  const locations = await snapshot.locations(moved);
  const visible = new Set(
    locations.filter(({ scope }) => roles.has(scope)).map(({ type, id }) => `${type} ${id}`),
  );
  return records.filter(
    (record) => record.tombstone?.kind !== 'moved' || !visible.has(`${record.type} ${record.id}`),
  );
}
