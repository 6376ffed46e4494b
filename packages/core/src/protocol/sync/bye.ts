/** `bye`, server → client: the server goes away. Connect again after the delay, perhaps elsewhere, from your cursor. */
import { z } from 'zod';

export const bye = z.object({ type: z.literal('bye'), resumeAfterMs: z.int() });
