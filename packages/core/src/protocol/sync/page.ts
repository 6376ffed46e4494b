/** `page`, server → client: a part of the feed, while the session is not live. Kept by the replica all or not at all. */
import { z } from 'zod';
import { wireRecord } from './wire-record.ts';

export const page = z.object({
  type: z.literal('page'),
  /** No child before its parent. */
  records: z.array(wireRecord),
  /** Scopes that the user has lost: the replica drops all that it has of them. */
  dropped: z.array(z.string()),
  /** The user's role in each of its scopes, as of now. */
  roles: z.record(z.string(), z.string()),
  /** Where the next subscription goes on. Opaque; keep it together with the records. */
  cursor: z.string(),
  /** How far the page reaches, by scope: `seen` goes on from there. */
  seqs: z.record(z.string(), z.int()),
  more: z.boolean(),
  /** It reaches the newest of all scopes at one moment: here a replica shows its state and compares digests. */
  consistent: z.boolean(),
  /** The cursor was of no use any more: the replica drops all it has before it takes this page. */
  resync: z.boolean(),
  /** Records of the whole run, as counted at its start, up to a bound. */
  total: z.int(),
  time: z.number(),
});

export type SyncPage = z.output<typeof page>;
