/** `error`, server → client: a message could not be understood, or not be done. The session lives on. */
import { z } from 'zod';

export const syncError = z.object({
  type: z.literal('error'),
  /** From the one registry: docs/errors.md. */
  code: z.string(),
  message: z.string(),
  /** `id` of the message that it is about, where that could be read. */
  id: z.string().optional(),
  /** Its type. */
  about: z.string().optional(),
  retryAfterMs: z.number().optional(),
});
