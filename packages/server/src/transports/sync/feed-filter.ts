/** What a subscription is narrowed to. Sessions of the same filter are sent the same bytes. */
import type { Domain, Priority, RecordState } from '@ackord/core';

export interface FeedFilter {
  readonly domain: string;
  /** Wire names; null: all of the domain. */
  readonly types: readonly string[] | null;
  readonly priority: Priority;
}

/** Equal for equal filters. */
export const filterKey = ({ domain, types, priority }: FeedFilter): string =>
  `${domain} ${types === null ? '*' : types.toSorted().join(',')} ${priority}`;

/** The same that the feed asks the database for. */
export function passes({ types, priority }: FeedFilter, record: RecordState): boolean {
  if (types !== null && !types.includes(record.type.slice(record.type.indexOf('.') + 1))) return false;
  return record.priority >= priority || record.tombstone !== null;
}

/** The first of the names that is no type which devices sync; undefined: all are. */
export const unknownType = (domain: Domain, types: readonly string[]): string | undefined =>
  types.find((name) => !domain.synced.some((type) => type.name === name));
