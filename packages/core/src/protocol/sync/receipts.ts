/** `receipts`, server → client: what became of each change of a `push`, in its order, after the commit. */
import { z } from 'zod';
import { wireRecord } from './wire-record.ts';

const name = {
  /** As it was sent; null: it could not be read. */
  changeId: z.string().nullable(),
  type: z.string().nullable(),
  id: z.string().nullable(),
};

export const acknowledgedReceipt = z.object({
  ...name,
  /** `merged`: beside changes of others. `conflict`: see `conflict`. */
  status: z.enum(['applied', 'merged', 'conflict']),
  version: z.int().nullable(),
  seq: z.int().nullable(),
  updatedAt: z.number().nullable(),
  /** The receipt of an earlier time that the same change came. */
  replayed: z.literal(true).optional(),
  /** The id under which the record lives, where it is another one. */
  canonicalId: z.string().optional(),
  mergedFields: z.array(z.string()).optional(),
  conflict: z
    .object({
      id: z.string(),
      kind: z.string(),
      /** `pending`: a person decides. */
      status: z.string(),
      /** Which side stands. */
      winner: z.string().nullable(),
      fields: z.array(z.string()),
    })
    .optional(),
  /** What the record holds, where that is not what was sent: the replica takes it. */
  record: wireRecord.optional(),
});

export const refusedReceipt = z.object({
  ...name,
  /** `rejected` is final; `retry`: send the same change again after the delay. */
  status: z.enum(['rejected', 'retry']),
  code: z.string(),
  message: z.string(),
  field: z.string().optional(),
  retryAfterMs: z.number().optional(),
});

export const wireReceipt = z.union([acknowledgedReceipt, refusedReceipt]);

export type WireReceipt = z.output<typeof wireReceipt>;

export const receipts = z.object({
  type: z.literal('receipts'),
  /** Of the `push`. */
  id: z.string(),
  receipts: z.array(wireReceipt),
  time: z.number(),
});
