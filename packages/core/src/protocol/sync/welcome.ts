/** `welcome`, server → client, the answer to `hello`: from now on the session may push and subscribe. */
import { z } from 'zod';

export const welcome = z.object({
  type: z.literal('welcome'),
  protocol: z.int(),
  domain: z.string(),
  /** Hash of the domain's entity types; another one than before: there may be types or fields that the client ignores. */
  schema: z.string(),
  /** Names this session in the server's log. */
  session: z.string(),
  user: z.string(),
  /** The life of the database; a restored backup begins a new one. Versions count within one. */
  epoch: z.int(),
  /** The server's clock, milliseconds since 1970. */
  time: z.number(),
  /** When the token ends, by the same clock; null: it does not say. Send `renew` before that. */
  tokenEnds: z.number().nullable(),
  /** Send something at least so often, a ping if there is nothing else; the server does the same. */
  silenceMsMax: z.int(),
  changesPerPushMax: z.int(),
  frameBytesMax: z.int(),
});

export type Welcome = z.output<typeof welcome>;
