/** `digest`, client → server: is my replica equal? Answered by `digests`, at any time, at the cost of one read. */
import { z } from 'zod';

export const digest = z.object({
  type: z.literal('digest'),
  id: z.string().min(1).max(128),
  /** Left out: of all scopes of the user. */
  scopes: z.array(z.string().max(256)).max(1_000).optional(),
});

export type DigestRequest = z.output<typeof digest>;
