/** `ping` → `pong` with the same value, so that the app can tell how long it took. */
import { z } from 'zod';
import { messageKind } from './message-kind.ts';

export const ping = messageKind({
  type: 'ping',
  schema: z.object({ timestamp: z.unknown().optional() }),
  handle: (session, { timestamp }) => session.send(pongTo(timestamp)),
});

/** Numbers and short texts are given back; nothing else could be a time. */
export const pongTo = (timestamp: unknown) => ({
  type: 'pong',
  ...((typeof timestamp === 'number' || (typeof timestamp === 'string' && timestamp.length <= 64)) && {
    timestamp,
  }),
});
