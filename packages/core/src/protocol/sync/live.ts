/** `live`, server → client: all pages are there; what is committed from now on comes as `changes`. */
import { z } from 'zod';

export const live = z.object({ type: z.literal('live'), time: z.number() });
