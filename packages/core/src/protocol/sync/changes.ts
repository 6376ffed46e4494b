/** `changes`, server → client, on a live session: what has just been committed in a scope. The same bytes go to all. */
import { z } from 'zod';
import { wireRecord } from './wire-record.ts';

export const changes = z.object({
  type: z.literal('changes'),
  scope: z.string(),
  /** They follow on this seq: a replica that stands elsewhere in the scope passes over what it has. */
  from: z.int(),
  to: z.int(),
  /** The newest state of each record that moved, in order of seq. Mine too. */
  records: z.array(wireRecord),
});

export type Changes = z.output<typeof changes>;
