/** `hello`, client → server, the first message: who is it, which protocol it speaks, which domain it syncs. */
import { z } from 'zod';

export const hello = z.object({
  type: z.literal('hello'),
  protocol: z.int().min(1),
  /** `travel` */
  domain: z.string().min(1).max(64),
  /** What the client was built for, as `welcome` named it; left out: it takes what comes. */
  schema: z.string().max(64).optional(),
  /** Left out: it came with the request for the socket. */
  token: z.string().min(1).max(16_384).optional(),
  /** Names the device, the same for ever: its own later edits never conflict with its earlier ones. */
  device: z.string().min(1).max(128).optional(),
  /** Of domains whose records live in tenants. */
  tenant: z.string().min(1).max(64).optional(),
});

export type Hello = z.output<typeof hello>;
