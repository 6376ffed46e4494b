/**
 * What a batch asks of the store and gives to it: where things lie, locks, what is read, all that is written. One
 * transaction; see the rungs in ARCHITECTURE.md.
 */
import type { RecordState } from '@ackord/core';
import type { ConflictView } from '../conflict-view.ts';
import type {
  Bookmark,
  FinalReceipt,
  HistoryLine,
  Location,
  LogLine,
  Membership,
  ReceiptKey,
  RecordKey,
  ScopeDigest,
  ScopeState,
  StoredReceipt,
  WaitingChange,
} from './stored.ts';

/** Where do these lie, and what may the user do there? `scopes`: further scopes to tell the user's role in. */
export interface PlaceRequest {
  readonly userId: string;
  readonly keys: readonly RecordKey[];
  readonly scopes: readonly string[];
}

/** For the first guess of rung 4 and 5, read outside of the batch's transaction. */
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

/** A record that is asked for. Wherever it lies in the scopes of the read, it is found. */
export interface WantedKey extends RecordKey {
  /** Where it is looked for first, which spares a trip if it lies there; left out: nobody knows. */
  readonly likely?: readonly string[];
  /** Its pending conflicts are asked for, too. */
  readonly withConflicts?: boolean;
}

/** What a batch reads first, in one go, after its scopes are locked. */
export interface BatchRead {
  readonly keys: readonly WantedKey[];
  readonly receipts: readonly ReceiptKey[];
  readonly scopes: readonly string[];
  readonly actors: readonly string[];
  /** Of whom is to be told whether anything of theirs waits. */
  readonly waiters?: readonly string[];
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
  /** Pending ones about the records whose keys asked for them. */
  readonly conflicts: readonly ConflictView[];
  /** Those among the waiters of whom any change waits. */
  readonly actorsWaiting: readonly string[];
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
  /** What was to be read along; null if nothing was, or a scope was skipped. */
  readonly state: BatchState | null;
}

export interface LockOptions {
  readonly wait: boolean;
  /** The first `read`, which then needs no trip of its own. It sees what the last holders of the locks have left. */
  readonly along?: BatchRead | null;
}

export interface StoreTransaction {
  /**
   * Makes missing scope rows and locks all of them, in id order. With `wait: false`, scopes that are held elsewhere
   * are skipped; with `wait: true` it waits, up to the store's lock timeout. Call it once, before any read.
   */
  lockScopes(ids: readonly string[], options: LockOptions): Promise<LockedScopes>;
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
