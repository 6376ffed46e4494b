/**
 * `subscribe`, client → server: everything since a cursor, as pages, and from then on what is committed. Again: it
 * begins anew from there.
 */
import { z } from 'zod';
import { LIMITS } from '../limits.ts';

/** How far scopes were read beyond the cursor: the `to` of the newest `changes` of each. */
export const seenSeqs = z.record(z.string().max(256), z.int().min(0));

export const subscribe = z.object({
  type: z.literal('subscribe'),
  /** Of the newest page; null or left out: from the beginning. */
  cursor: z.string().max(LIMITS.cursorBytesMax).nullish(),
  seen: seenSeqs.optional(),
  /** Only these types; left out: all of the domain. The cursor belongs to the choice. */
  types: z.array(z.string().max(64)).max(64).optional(),
  /** Only records of this priority and above. */
  priority: z.int().min(0).max(3).optional(),
});

export type Subscribe = z.output<typeof subscribe>;
