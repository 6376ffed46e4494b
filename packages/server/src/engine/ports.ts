/**
 * What the engine needs from the outside, and nothing of how it is done. `Store` is the database: PostgreSQL in
 * earnest, memory as the oracle of tests. Both pass the same conformance suite (tests/store-conformance.ts).
 *
 * Times are milliseconds since 1970 by the database's clock. Scope ids look like `trip:<id>` or `user:<id>`.
 */
import type { Digest, ErrorCode, Fields, Operation, Priority, RecordState, Role } from '@ackord/core';
import type { Announcement } from './announcement.ts';
import type { ConflictView } from './conflict-view.ts';

export interface RecordKey {
  readonly type: string;
  readonly id: string;
}

/** Where a record is filed; for an alias, the id that it stands for too. */
export interface Location extends RecordKey {
  readonly scope: string;
  readonly aliasOf: string | null;
}

export interface ScopeState {
  readonly id: string;
  /** Newest seq; 0 for a scope in which nothing has happened. */
  readonly head: number;
  /** History before this seq has been trimmed. */
  readonly horizon: number;
  readonly createdAt: number;
  /** Set when the scope's root was deleted by one event, without a tombstone per record. */
  readonly closedAt: number | null;
}

export interface Membership {
  readonly scope: string;
  readonly userId: string;
  readonly role: Role;
  readonly grantedAt: number;
  /** null: a member today. Kept afterwards, so that the feed can tell the one who lost access. */
  readonly revokedAt: number | null;
}

/** A line of a scope's log: one per applied change and per re-feed. */
export interface LogLine {
  readonly scope: string;
  readonly seq: number;
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly operation:
    | Operation
    | 'MOVE_IN'
    | 'MOVE_OUT'
    | 'REVIVE'
    | 'ALIAS'
    | 'REFEED'
    | 'GRANT'
    | 'REVOKE'
    | 'CLOSE';
  readonly actor: string;
  readonly device: string | null;
  readonly changeId: string | null;
  readonly outcome: 'applied' | 'merged' | 'conflict' | 'refed';
  /** The values that the change replaced, of the fields that it changed; null for a new record. */
  readonly before: Fields | null;
}

/** A line of the log as it is read again. */
export interface ReadLine extends LogLine {
  /** When its commit was, milliseconds since 1970. */
  readonly at: number;
}

/** A part of a scope's log. */
export interface LogPart {
  readonly scope: string;
  readonly after: number;
  readonly upTo: number;
}

/** What the log knows of a record after a version: enough to tell the values at that version. */
export interface HistoryLine extends RecordKey {
  readonly version: number;
  readonly at: number;
  readonly actor: string;
  readonly before: Fields | null;
}

export interface ReceiptKey {
  readonly actor: string;
  readonly changeId: string;
}

export interface StoredReceipt extends ReceiptKey {
  /** Hash of the content: the same change id with other content is refused. */
  readonly fingerprint: string;
  /** The scope in which the change was decided. */
  readonly scope: string;
  /** The receipt as JSON, without `replayed`. */
  readonly body: unknown;
}

/** What became of a change that had waited: it takes the place of the receipt which said that it waits. */
export type FinalReceipt = Omit<StoredReceipt, 'fingerprint'>;

/** A change that waits for a parent. */
export interface WaitingChange {
  readonly id: string;
  readonly actor: string;
  readonly parent: RecordKey;
  readonly target: RecordKey;
  readonly conflictId: string;
  /** The change and its submission, as JSON. */
  readonly payload: unknown;
  readonly createdAt: number;
}

export interface ScopeDigest {
  readonly scope: string;
  readonly type: string;
  readonly digest: Digest;
}

/** Where do these lie, and what may the user do there? `scopes`: further scopes to tell the user's role in. */
export interface PlaceRequest {
  readonly userId: string;
  readonly keys: readonly RecordKey[];
  readonly scopes: readonly string[];
}

/** First guess of rung 4 and 5, read outside of any transaction. */
export interface Placement {
  readonly now: number;
  readonly locations: readonly Location[];
  /** The user's, in the scopes that were found or asked for; ended ones too. */
  readonly memberships: readonly Membership[];
  /** Waiting changes of the caller whose target is one of the keys. */
  readonly waiting: readonly WaitingChange[];
  /** Does any change of the caller wait, whatever its target? */
  readonly hasWaiting: boolean;
}

/** What a batch reads first, in one go, after its scopes are locked. */
export interface BatchRead {
  /** `scope`: where a record lies if it is there at all, for those that lie nowhere else. */
  readonly keys: readonly (RecordKey & { readonly scope?: string })[];
  readonly receipts: readonly ReceiptKey[];
  readonly scopes: readonly string[];
  readonly actors: readonly string[];
}

export interface BatchState {
  /** Where each key is filed today, in whatever scope. Keys that were never heard of are left out. */
  readonly locations: readonly Location[];
  /** The records among `keys` that lie in the scopes, tombstones included. */
  readonly records: readonly RecordState[];
  readonly receipts: readonly StoredReceipt[];
  /** Memberships of the actors in the scopes. */
  readonly memberships: readonly Membership[];
  readonly digests: readonly ScopeDigest[];
}

/** What a batch reads second, and only if some change needs it. */
export interface BatchDetails {
  /** History of records after a version, in all their scopes. */
  readonly history: readonly (RecordKey & { readonly scopes: readonly string[]; readonly after: number })[];
  /** All live descendants of records, by their owners, within the scope. */
  readonly descendantsOf: readonly (RecordKey & { readonly scope: string })[];
  /** All tombstones that one deletion made. */
  readonly deletions: readonly { readonly scope: string; readonly deletion: string }[];
  /** Live holders of unique keys. */
  readonly uniques: readonly { readonly scope: string; readonly type: string; readonly key: string }[];
  /** Pending conflicts of records, so that a newer one can supersede them. */
  readonly openConflicts: readonly (RecordKey & { readonly scope: string })[];
  /** Conflicts by id, whatever their status. */
  readonly conflicts: readonly { readonly scope: string; readonly id: string }[];
  /** Versions that records had at a position of their scope. */
  readonly versionsAt: readonly RecordAt[];
}

/** A record as it was when its scope's log had come to this seq. */
export interface RecordAt extends RecordKey {
  readonly scope: string;
  readonly seq: number;
}

export interface BatchDetailState {
  readonly history: readonly HistoryLine[];
  readonly records: readonly RecordState[];
  /** The conflicts asked for in either way. */
  readonly conflicts: readonly ConflictView[];
  /** Left out where the scope knew nothing of the record yet. */
  readonly versionsAt: readonly (RecordAt & { readonly version: number })[];
}

/** Everything that a batch writes, decided and complete: the store adds nothing. */
export interface WriteSet {
  readonly now: number;
  readonly heads: readonly { readonly scope: string; readonly head: number; readonly closed: boolean }[];
  readonly records: readonly RecordWrite[];
  readonly locations: readonly Location[];
  readonly log: readonly LogLine[];
  readonly receipts: readonly StoredReceipt[];
  /** Of receipts that are there already; one that is not there any more stays so. */
  readonly finalReceipts: readonly FinalReceipt[];
  /** New conflicts, and old ones with a new status: the row is replaced. */
  readonly conflicts: readonly ConflictView[];
  readonly waiting: readonly WaitingChange[];
  readonly waitingDone: readonly string[];
  readonly memberships: readonly Membership[];
  readonly digests: readonly ScopeDigest[];
  readonly bookmarks: readonly Bookmark[];
}

export interface RecordWrite {
  readonly record: RecordState;
  /** Canonical JSON of the record's fields: made once, for the checksum and for the database. */
  readonly fieldsText: string;
  readonly checksum: Uint8Array;
  /** Id of the hard parent, for cascades. */
  readonly owner: string | null;
  /** null on tombstones and for types without one. */
  readonly uniqueKey: string | null;
}

export interface LockedScopes {
  readonly now: number;
  readonly locked: readonly ScopeState[];
  /** Scopes that another transaction holds just now. */
  readonly skipped: readonly string[];
}

export interface StoreTransaction {
  /**
   * Makes missing scope rows and locks all of them, in id order. With `wait: false`, scopes that are held elsewhere
   * are skipped; with `wait: true` it waits, up to the store's lock timeout. Call it once, before any read.
   */
  lockScopes(ids: readonly string[], options: { readonly wait: boolean }): Promise<LockedScopes>;
  read(request: BatchRead): Promise<BatchState>;
  readDetails(request: BatchDetails): Promise<BatchDetailState>;
  write(writes: WriteSet): Promise<void>;
}

/** How a transaction ended that did not commit. Anything else that goes wrong is thrown. */
export type TransactionEnd<T> =
  | { readonly outcome: 'committed'; readonly value: T }
  /** Serialization failure, deadlock, lock timeout: the same work may succeed at once. */
  | { readonly outcome: 'again'; readonly cause: string }
  /** The database cannot be reached, or it is not known whether the commit took place. */
  | { readonly outcome: 'unavailable'; readonly cause: string }
  /** A statement refused what it was given: a defect of ours, or of one change. */
  | { readonly outcome: 'refused'; readonly cause: string };

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

/** The name of an answer that is the same for everybody who may see a scope. */
export interface PageName {
  readonly scope: string;
  /** The seq of the scope that it stands for. */
  readonly head: number;
  /** What was left out of it, in any words; the same words for the same filter. */
  readonly filter: string;
  /** How it is written, with a number that goes up when that changes: `finance-load-1`. */
  readonly format: string;
}

/** Such answers, kept for a while. Whether a caller may see the scope is found out before, every time. */
export interface CachedPages {
  /** null: not there. Never rejects. The bytes are shared: nobody may write to them. */
  get(name: PageName): Promise<Uint8Array | null>;
  set(name: PageName, bytes: Uint8Array): void;
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

export interface BookmarkKey {
  readonly userId: string;
  readonly key: string;
}

/** A position of a caller that the server keeps, under a moment or a token. */
export interface Bookmark extends BookmarkKey {
  readonly state: unknown;
}

/** A change that was rejected. */
export interface RefusedChange extends RecordKey {
  readonly code: ErrorCode;
  readonly message: string;
  /** The stored name of the field that is to blame, if one is. */
  readonly field: string | null;
}

/** What was rejected of a user's device, in the order in which it was sent. */
export interface RefusedOfDevice {
  readonly userId: string;
  readonly device: string;
  readonly refused: readonly RefusedChange[];
}

/** The last rejected change of a device to a record: news as long as the record has the version. */
export interface SyncFailure extends RefusedChange {
  readonly at: number;
  /** Of the record when the change was rejected. */
  readonly version: number;
}

/** Calls other than `transaction` reject when the database can't be reached, with an error whose `outcome` is `unavailable`. */
export interface Store {
  /** A placement per request; one round trip, however many callers ask. */
  place(requests: readonly PlaceRequest[]): Promise<readonly Placement[]>;
  transaction<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<TransactionEnd<T>>;
  /** Runs the work on one consistent view, which ends with it. */
  snapshot<T>(work: (snapshot: Snapshot) => Promise<T>): Promise<T>;
  /** Waiting changes whose parent is among the keys and is there by now, oldest first. */
  waitingFor(parents: readonly RecordKey[]): Promise<readonly WaitingChange[]>;
  /** Parents that somebody waits for although they are filed by now, where that somebody may enter; at most so many. */
  awaitedParents(parentsMax: number): Promise<readonly RecordKey[]>;
  /** All waiting changes of a user, oldest first. */
  waitingOf(userId: string): Promise<readonly WaitingChange[]>;
  /** Durable soon, not at once: a lost one only costs an overlap. */
  saveBookmarks(bookmarks: readonly Bookmark[]): Promise<void>;
  /** In the order of the keys; null: there is none. */
  bookmarks(keys: readonly BookmarkKey[]): Promise<readonly (Bookmark | null)[]>;
  /**
   * Keeps what was rejected of live records that the user can see, under the id that they live by; of anything else
   * nothing. A newer one takes the place of an older one about the same record; a user has LIMITS.failuresPerUserMax, and
   * the oldest go. Durable soon, not at once.
   */
  saveFailures(failures: RefusedOfDevice): Promise<void>;
  /** All that are kept for a user's device, in any order. */
  failures(userId: string, device: string): Promise<readonly SyncFailure[]>;
  /** Trims what is older than the moment, at most `rowsMax` rows of a kind; true when there may be more. */
  trim(before: number, rowsMax: number): Promise<boolean>;
  /**
   * Takes a duty for so many milliseconds by the database's clock, or keeps it for so long; false: another holder has it.
   */
  holdDuty(duty: string, holder: string, milliseconds: number): Promise<boolean>;
  /** Gives it back, if it is the holder's. */
  leaveDuty(duty: string, holder: string): Promise<void>;
  /** Number of this life of the database; a restored backup starts a new one. */
  readonly epoch: number;
  /** Secrets that sign cursors, newest first; the same for all servers of the database. */
  readonly cursorKeys: readonly Uint8Array[];
}

/** Tells other parts of this server, and other servers, that a scope has moved. May lose messages. */
export interface Bus {
  publish(announcement: Announcement): void;
  subscribe(listener: (announcement: Announcement) => void): () => void;
}

/** What the engine tells about itself; all of it may be ignored. */
export interface Observer {
  batchCommitted(facts: { changes: number; scopes: number; milliseconds: number; attempts: number }): void;
  queueDepth(changes: number): void;
  conflict(facts: { type: string; conflictType: string; outcome: string }): void;
  defect(facts: { where: string; cause: string; changeId: string | null }): void;
}
