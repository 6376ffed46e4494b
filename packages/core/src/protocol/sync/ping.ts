/** `ping` and `pong`, both ways: is anybody there? */
import { z } from 'zod';

export const ping = z.object({ type: z.literal('ping'), id: z.string().max(128).optional() });

export const pong = z.object({
  type: z.literal('pong'),
  id: z.string().max(128).optional(),
  time: z.number().optional(),
});
