/**
 * What the engine needs from the outside, and nothing of how it is done. `Store` is the database: PostgreSQL in
 * earnest, memory as the oracle of tests. Both pass the same conformance suite (tests/store-conformance.ts).
 *
 * Times are milliseconds since 1970 by the database's clock. Scope ids look like `trip:<id>` or `user:<id>`.
 */

import type { Announcement } from './announcement.ts';
import type { Placement, PlaceRequest, StoreTransaction, TransactionEnd } from './ports/batch.ts';
import type { Snapshot } from './ports/reading.ts';
import type {
  Bookmark,
  BookmarkKey,
  RecordKey,
  RefusedOfDevice,
  SyncFailure,
  WaitingChange,
} from './ports/stored.ts';

export type * from './ports/batch.ts';
export type * from './ports/pages.ts';
export type * from './ports/reading.ts';
export type * from './ports/stored.ts';

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
