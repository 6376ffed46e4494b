/** `pong`: no app of today sends one, and none has to; whoever does is not told that it is unknown. */
import { z } from 'zod';
import { messageKind } from './message-kind.ts';

export const pong = messageKind({ type: 'pong', schema: z.object({}), handle: () => {} });
