/** `renew`, client → server: a newer token of the same user, before the old one ends. Answered by `renewed`. */
import { z } from 'zod';

export const renew = z.object({ type: z.literal('renew'), token: z.string().min(1).max(16_384) });

export const renewed = z.object({ type: z.literal('renewed'), tokenEnds: z.number().nullable() });
