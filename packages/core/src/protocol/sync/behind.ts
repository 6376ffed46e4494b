/**
 * `behind`, server → client: the socket reads more slowly than things happen. What came since is not queued for it: it
 * comes as pages once the socket has read what lies before it, and then `live` again.
 */
import { z } from 'zod';

export const behind = z.object({ type: z.literal('behind') });
