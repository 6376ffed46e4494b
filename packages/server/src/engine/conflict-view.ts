/** A conflict as callers see it: both sides, what it is about, and what became of it. */
import type { ConflictStrategy, Fields } from '@ackord/core';

export type ConflictType =
  | 'VERSION_MISMATCH'
  | 'CONCURRENT_MODIFICATION'
  | 'DEPENDENCY_CONFLICT'
  | 'DELETION_CONFLICT';

/** Whose values stand: mixed means that some groups went each way, both that a second record was made. */
export type Winner = 'server' | 'client' | 'mixed' | 'both';

export interface ConflictView {
  readonly id: string;
  readonly scope: string;
  /** Key of the entity type. */
  readonly type: string;
  readonly entityId: string;
  readonly conflictType: ConflictType;
  readonly status: 'pending' | 'resolved' | 'superseded';
  readonly strategy: ConflictStrategy;
  /** null while pending. */
  readonly winner: Winner | null;
  /** The fields that both sides changed. */
  readonly fields: readonly string[];
  readonly serverVersion: number;
  readonly clientVersion: number;
  /** The conflicted fields as they were when the client began; null where nobody knows. */
  readonly base: Fields | null;
  /** The whole record on the server when the conflict was found; null where there was none. */
  readonly server: Fields | null;
  /** What the client sent; for a deletion: empty. */
  readonly client: Fields;
  readonly clientDeletes: boolean;
  readonly serverTime: number;
  readonly clientTime: number;
  /** Who wrote what stood on the server; null where nothing did. */
  readonly rival: string | null;
  /** User and device of the client's side. */
  readonly actor: string;
  readonly device: string | null;
  readonly changeId: string;
  readonly createdAt: number;
  readonly resolvedAt: number | null;
  readonly resolvedBy: string | null;
  /** The stored answer of the resolution: strategy, data, new record. */
  readonly resolution: ConflictResolution | null;
  /** The version of the record right after the conflict was decided; a later one means that it has moved. */
  readonly decidedVersion: number;
  /** The head of its scope then: what a deletion would take along and is newer, the conflict does not know. */
  readonly decidedSeq?: number;
  /** Changes of a transaction group or of a waiting change, kept so that they can be applied later. */
  readonly payload: readonly unknown[] | null;
}

export interface ConflictResolution {
  readonly conflictId: string;
  /** Key of the entity type that the conflict is about. */
  readonly type: string;
  readonly strategy: ConflictStrategy;
  readonly resolvedData: Fields | null;
  readonly resolvedAt: number;
  readonly resolvedBy: string;
  readonly newEntityId: string | null;
  readonly version: number | null;
}

/** As a reader may see it: what else belonged to a transaction group may lie where only its writer has access. */
export const shownTo = (reader: string, conflict: ConflictView): ConflictView =>
  conflict.payload === null || conflict.actor === reader ? conflict : { ...conflict, payload: null };
