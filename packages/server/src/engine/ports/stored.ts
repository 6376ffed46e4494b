/** What is kept for good, row by row: of records, scopes, their logs, receipts, roles, and what the server remembers of devices. */
import type { Digest, ErrorCode, Fields, Operation, Role } from '@ackord/core';

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
