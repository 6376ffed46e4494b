/** What is read beside batches: feeds, lists, logs, at one moment over all scopes. */
import type { Priority, RecordState } from '@ackord/core';
import type { ConflictView } from '../conflict-view.ts';
import type {
  Location,
  LogPart,
  Membership,
  ReadLine,
  RecordKey,
  ScopeDigest,
  ScopeState,
} from './stored.ts';

/** A scope to read in a page: the part of its feed after a position. */
export interface FeedScope {
  readonly scope: string;
  readonly after: number;
  /** Only records that were there before this moment: for a caller who lost the scope at that time. */
  readonly createdUntil: number | null;
  /** Where reading stops: the head at the start of the run, or what the caller had seen of a lost scope. */
  readonly upTo: number;
}

export interface FeedQuery {
  readonly scopes: readonly FeedScope[];
  /** Keys of entity types; null: all. */
  readonly types: readonly string[] | null;
  /** Least priority; 0: all. Tombstones always pass. */
  readonly priority: Priority;
  readonly limit: number;
  /** All scopes are asked for up to where they stand in this very snapshot. */
  readonly endsAtHeads?: boolean;
}

/** What the feed has to know of a record. */
export type FeedRow = Pick<RecordState, 'scope' | 'type' | 'id' | 'seq' | 'tombstone'>;

/** A record that only passes through: the rest of it is text, the JSON of a `WireRecord`. */
export interface RecordText extends FeedRow {
  readonly text: string;
}

export interface FeedRows<R extends FeedRow = RecordState> {
  /** In order of (position of the scope in the query, seq), at most `limit`. */
  readonly rows: readonly R[];
  /** Hard ancestors of the rows that lie behind the end of the page (they come again in their own place). */
  readonly ancestors: readonly R[];
}

/** Records that only pass through, at least one: the JSON of `WireRecord`s with commas between. Nobody may write to it. */
export interface RecordsText {
  readonly utf8: Uint8Array;
}

/** A read-only view of one moment, over all scopes. */
export interface Snapshot {
  /** When it was taken, by the clock of the database, milliseconds since 1970. */
  now(): Promise<number>;
  memberships(userId: string): Promise<readonly Membership[]>;
  /** Roles that were given to the users, or taken of them, after the moment. */
  movedMembers(userIds: readonly string[], after: number): Promise<readonly Membership[]>;
  scopes(ids: readonly string[]): Promise<readonly ScopeState[]>;
  feed(query: FeedQuery): Promise<FeedRows>;
  feedTexts(query: FeedQuery): Promise<FeedRows<RecordText>>;
  /** Lines of logs, in order of (position in the list, seq), at most `limit` of each part. */
  lines(parts: readonly LogPart[], limit: number): Promise<readonly ReadLine[]>;
  /** How many rows the query would give in total, counted up to `countMax`. */
  count(query: FeedQuery, countMax: number): Promise<number>;
  /** The last seq of each scope's log whose line is not younger than the moment. */
  seqsAt(scopes: readonly string[], moment: number): Promise<ReadonlyMap<string, number>>;
  digests(scopes: readonly string[]): Promise<readonly ScopeDigest[]>;
  /** Live and dead records by key, among the given scopes. */
  records(scopes: readonly string[], keys: readonly RecordKey[]): Promise<readonly RecordState[]>;
  /** Live records by owner, among the given scopes. */
  children(
    scopes: readonly string[],
    type: string,
    owners: readonly string[],
  ): Promise<readonly RecordState[]>;
  locations(keys: readonly RecordKey[]): Promise<readonly Location[]>;
  members(scopes: readonly string[]): Promise<readonly Membership[]>;
  list(query: ListQuery): Promise<readonly RecordState[]>;
  conflicts(query: ConflictQuery): Promise<readonly ConflictView[]>;
}

/** Live records of a type, in the order in which they were made. */
export interface ListQuery {
  /** `owner`: only what belongs to this record; null: all of the scope. */
  readonly places: readonly { readonly scope: string; readonly owner: string | null }[];
  readonly type: string;
  /** Only records one of whose texts has this in it, letter by letter. */
  readonly contains: { readonly fields: readonly string[]; readonly text: string } | null;
  /** Only what comes after this record. */
  readonly after: { readonly createdAt: number; readonly id: string } | null;
  readonly limit: number;
}

export interface ConflictQuery {
  readonly scopes: readonly string[];
  /** Only this one. */
  readonly id: string | null;
  /** Only those of this user: its own that are pending, and those in which it lost, on either side. */
  readonly actor: string | null;
  /** Keys of entity types; null: all. */
  readonly types: readonly string[] | null;
  /** Leave out what is decided. */
  readonly openOnly: boolean;
  readonly limit: number;
}
