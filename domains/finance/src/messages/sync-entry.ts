/** `process_sync_entry` and its answers: an entry of the app's queue, as far as its own shape goes. */
import { isWellFormedText, LIMITS } from '@ackord/core';
import { z } from 'zod';

const id = z
  .string()
  .min(1)
  .max(LIMITS.idLengthMax)
  .refine(isWellFormedText, 'must be a text without NUL and lone surrogates');
const moment = z.number().nullish();

/** Other keys are tolerated; what the payload must hold depends on the type and is looked at later. */
export const syncEntry = z.object({
  id,
  tenantId: z.string(),
  entityType: z.string(),
  entityId: id,
  operationType: z.string(),
  payload: z.unknown().optional(),
  /** Milliseconds since 1970 by the device's clock, when the edit was made. */
  timestamp: moment,
  /** The same clock, when it was sent. */
  lastAttempt: moment,
  attempts: z.number().nullish(),
});

export type SyncEntry = z.output<typeof syncEntry>;

/** Who an answer is about; what could not be read is left out of it. */
export interface EntryName {
  readonly id: string | null;
  readonly entityId?: string;
  readonly entityType?: string;
  readonly operationType?: string;
}

export interface SyncAck extends EntryName {
  readonly type: 'sync_ack';
  readonly status: 'processed';
  /** When it was decided, by the server's clock, milliseconds since 1970. */
  readonly server_timestamp: number;
  /** MD5 of the entity as it is stored now; null when it is deleted. */
  readonly checksum: string | null;
  readonly outcome: 'applied' | 'merged' | 'conflict';
  readonly conflict_id: string | null;
}

export interface SyncNack extends EntryName {
  readonly type: 'sync_nack';
  readonly status: 'failed';
  readonly reason: NackReason;
  readonly detail: string;
  readonly code: string;
  readonly is_permanent: boolean;
  /** Seconds after which another try makes sense; null: none does. */
  readonly retry_after: number | null;
  readonly server_timestamp: number;
}

export type EntryAnswer = SyncAck | SyncNack;

/** What apps know as reasons. */
export type NackReason =
  | 'validation_error'
  | 'permission_error'
  | 'not_found_error'
  | 'constraint_error'
  | 'conflict_error'
  | 'rate_limit_error'
  | 'database_operational_error'
  | 'processing_error';

/** The name of an entry that may be anything at all. */
export function nameOf(sent: unknown): EntryName {
  if (typeof sent !== 'object' || sent === null) return { id: null };
  const { id: its } = sent as { readonly id?: unknown };
  return {
    id: typeof its === 'string' && its.length <= LIMITS.changeIdLengthMax ? its.toWellFormed() : null,
  };
}
