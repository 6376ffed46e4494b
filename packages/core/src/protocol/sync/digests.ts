/**
 * `digests`, server → client: count and sums of the live records of each type, by scope, at a seq of it. A replica that
 * stands at that seq and has others is wrong; one that stands elsewhere asks again.
 */
import { z } from 'zod';

export const digests = z.object({
  type: z.literal('digests'),
  id: z.string(),
  scopes: z.array(
    z.object({
      scope: z.string(),
      seq: z.int(),
      types: z.record(
        z.string(),
        /** Their count, and the sums of the halves of their checksums modulo 2^64 in 16 hexadecimal digits each: `3:…` */
        z.string(),
      ),
    }),
  ),
});
