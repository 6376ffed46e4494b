/**
 * `access`, server → client, on a live session: the user's role in a scope has changed. Gained: its records follow as
 * pages. Lost: the replica drops the scope at once.
 */
import { z } from 'zod';

export const access = z.object({
  type: z.literal('access'),
  scope: z.string(),
  /** null: it was lost. */
  role: z.string().nullable(),
});
