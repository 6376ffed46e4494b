/** What a checkpoint is, and where checkpoints are kept. */
import type { Fields } from '@ackord/core';

export type CheckpointType = 'full_sync' | 'incremental_sync';

/** How many live records of each type a scope has, and a checksum over each type, by wire names of types. */
export interface ScopeSums {
  readonly counts: { readonly [type: string]: number };
  /** 32 hex digits, the same for the same records in whatever order. */
  readonly checksums: { readonly [type: string]: string };
}

/** Why a checkpoint can't be gone back to. */
export interface CheckpointFault {
  readonly code: 'HISTORY_TRIMMED' | 'OTHER_EPOCH' | 'SCOPE_CLOSED' | 'CHECKSUM_MISMATCH';
  readonly message: string;
}

/** A position of a scope's log, with what the scope was then. */
export interface Checkpoint extends ScopeSums {
  readonly id: string;
  readonly scope: string;
  readonly domain: string;
  readonly type: CheckpointType;
  readonly seq: number;
  readonly epoch: number;
  readonly createdAt: number;
  readonly createdBy: string;
  /** Of the newest commit that it knows. */
  readonly lastSyncTime: number;
  readonly isValid: boolean;
  readonly faults: readonly CheckpointFault[];
}

/** Calls reject when the database can't be reached. */
export interface CheckpointTable {
  /** Also takes the oldest of the scope away, beyond LIMITS.checkpointsPerScopeMax. */
  add(checkpoint: Checkpoint): Promise<void>;
  /** Newest first. */
  list(scope: string, limit: number): Promise<readonly Checkpoint[]>;
  find(scope: string, id: string): Promise<Checkpoint | null>;
  /** It was found to be useless. */
  invalidate(scope: string, id: string, faults: readonly CheckpointFault[]): Promise<void>;
}

/** What a domain says of its records. */
export interface CheckpointForm {
  readonly domain: string;
  /** 32 hex digits over all that a restored record must have again; `id` is the bare one. */
  readonly checksum: (typeName: string, id: string, fields: Fields) => string;
  /** Wire names of all types, those that others refer to first: they come back first and are deleted last. */
  readonly order: readonly string[];
}
