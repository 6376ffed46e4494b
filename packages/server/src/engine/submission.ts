/**
 * What transports hand to the engine and what they get back. A submission is a list of changes of one caller;
 * every change gets exactly one receipt, in the order of the submission.
 */
import type { ErrorCode, Operation, RecordState } from '@ackord/core';
import type { ConflictView } from './conflict-view.ts';

export interface Actor {
  readonly userId: string;
}

/** One change as a transport decoded it: shapes are not checked yet, that is rung 3. */
export interface RawChange {
  /** Wire name of the entity type: `Trip`. */
  readonly entityType: string;
  readonly id: unknown;
  readonly operation: unknown;
  /** The version that the edit was made on; null or left out: blind. */
  readonly base?: unknown;
  /** The life of the database that `base` was read in; left out: this one. */
  readonly epoch?: unknown;
  /** ISO text or milliseconds; left out: now. */
  readonly clientTime?: unknown;
  readonly fields: { readonly [field: string]: unknown };
  readonly baseFields?: unknown;
  readonly changeId?: unknown;
  readonly transactionId?: unknown;
  readonly priority?: unknown;
  /** When the edit was made as its sender's copy of the record says, in milliseconds: for types with a stamp. */
  readonly stamp?: number | null;
  /** When the edit was made, in milliseconds, by one clock for all edits of the device, whichever that is. */
  readonly madeAt?: number | null;
  /** Who made the record and when, where that was in another system. Only heard of the origin `server`. */
  readonly created?: { readonly by: string; readonly at: number };
  /** A value that the transport could not even read: it spoils this change, not the submission. */
  readonly malformed?: { readonly field: string; readonly message: string };
}

export interface Submission {
  /** Name of the domain that the entity types belong to. */
  readonly domain: string;
  readonly actor: Actor;
  readonly device: string | null;
  /** Names the submission in logs; also part of the identity of a CREATE that has neither id nor changeId. */
  readonly batchId: string;
  /**
   * `client`: says what its edits were made on. `legacy`: plain CRUD, blind, a fresh change id each time. `server`: by
   * the server itself on behalf of the actor; it may set server-owned fields. `restore`: brings records back to what they
   * were; what is deleted comes back, whatever the times say.
   */
  readonly origin: 'client' | 'legacy' | 'server' | 'restore';
  /** The caller may use `serverTime` as `since` of its next pull: it then goes on from where it last was. */
  readonly bookmark?: boolean;
  /** The cursor of the caller's last page: tells what it had seen when it deletes things that others add to. */
  readonly cursor?: string | null;
  /** The tenant of the records, for types that live in one. Their ids are unique in it alone, and are sent bare. */
  readonly tenant?: string;
  /**
   * Of blind changes: how far their writer had been given its scopes when it made them. Left out: nobody knows, but for
   * what the last page of its device says.
   */
  readonly positions?: ReadonlyMap<string, number>;
  readonly changes: readonly RawChange[];
}

interface ReceiptOfChange {
  /** Position of the change in its submission. */
  readonly index: number;
  readonly changeId: string | null;
  /** Wire name of the entity type. */
  readonly entityType: string;
  /** null: the change named none, or nothing that could be one. */
  readonly entityId: string | null;
  readonly operation: Operation | null;
}

/** ACK: durably decided. `conflict.status` tells a decided conflict from a pending one. */
export interface Acknowledged extends ReceiptOfChange {
  readonly status: 'applied' | 'merged' | 'conflict';
  readonly entityId: string;
  /** The version of the record now; null when the record is not there (a waiting change). */
  readonly version: number | null;
  /** Stamps of the record: after the change, or, where not all values stand, before it was fed again. */
  readonly seq: number | null;
  /** The change has brought about something that everybody is told of; else all was as it says before. */
  readonly isNews: boolean;
  readonly updatedAt: number | null;
  /** Of types that have one: the record's stamp (rules/stamp.ts), milliseconds since 1970. */
  readonly stamp: number | null;
  readonly replayed: boolean;
  /** Fields that went into a record which had moved on since `base`. */
  readonly mergedFields: readonly string[];
  readonly conflict: ConflictView | null;
  /** The id under which the record lives, where it differs from the one sent. */
  readonly canonicalId: string | null;
  /** All sent values are now the record's. Where false, `record` has what the record holds instead. */
  readonly stands: boolean;
  /** The record after the change, where it differs from what was sent. */
  readonly record: RecordState | null;
}

/** NACK. `rejected` is final, `retry` a passing fault. */
export interface Refused extends ReceiptOfChange {
  readonly status: 'rejected' | 'retry';
  readonly code: ErrorCode;
  readonly message: string;
  readonly field: string | null;
  /** How long to wait before the next try; 0 for `rejected`. */
  readonly retryAfterMs: number;
}

export type Receipt = Acknowledged | Refused;

export interface SubmissionResult {
  readonly receipts: readonly Receipt[];
  /** The database's clock after the last commit, milliseconds since 1970. */
  readonly serverTime: number;
}
