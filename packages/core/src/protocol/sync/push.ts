/** `push`, client → server: changes in the order in which the device made them, answered by one `receipts`. */
import { z } from 'zod';
import { LIMITS } from '../limits.ts';

export const wireChange = z.object({
  /** Makes a repeated change harmless: keep it when the same change is sent again. */
  changeId: z.string().min(1).max(256),
  /** Without the name of the domain: `Memory`. */
  type: z.string().min(1).max(64),
  /** Of a new record: a UUID that the device makes. */
  id: z.string().min(1).max(128),
  op: z.enum(['create', 'update', 'delete']),
  /** The version that the edit was made on; 0 for a new record; left out: the client keeps no versions. */
  base: z.int().min(0).optional(),
  /** What the edit changed, in stored form; a member left out is untouched, null clears. Not read for a deletion. */
  fields: z.record(z.string(), z.unknown()).optional(),
  /** The values that the edit started from, for merges whose history is not kept any more. */
  baseFields: z.record(z.string(), z.unknown()).optional(),
  /** When the edit was made, milliseconds since 1970 by the device's clock; left out: now. */
  time: z.number().optional(),
  /** Changes that share it are applied all or none. */
  transaction: z.string().min(1).max(128).optional(),
  priority: z.int().min(0).max(3).optional(),
});

export type WireChange = z.output<typeof wireChange>;

export const push = z.object({
  type: z.literal('push'),
  /** Comes back with the answer. */
  id: z.string().min(1).max(128),
  changes: z.array(z.unknown()).min(1).max(LIMITS.changesPerSubmissionMax),
  /** Of the newest page: tells what the device had read when it deletes things that others add to. */
  cursor: z.string().max(LIMITS.cursorBytesMax).optional(),
});

export type Push = z.output<typeof push>;
