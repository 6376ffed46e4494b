/** `authenticate` from an app that was let in already: by a token that came otherwise, or without one. → `status` */
import { z } from 'zod';
import { statusMessage } from './announcements.ts';
import { messageKind } from './message-kind.ts';

export const authenticate = messageKind({
  type: 'authenticate',
  schema: z.object({ token: z.unknown().optional() }),
  handle: (session) => session.send(statusMessage('online')),
});
