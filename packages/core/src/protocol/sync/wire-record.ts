/**
 * A record as it travels. Its fields are in stored form (instants as ISO text, decimals as text), which is also the form
 * that checksums are made of. The database makes the very same text, so that pages need not be parsed and written anew.
 */
import { z } from 'zod';
import { bareId } from '../../rules/identifier.ts';
import type { RecordState } from '../../rules/record.ts';

export const wireRecord = z.object({
  scope: z.string(),
  /** Without the name of the domain: `Memory`. */
  type: z.string(),
  id: z.string(),
  version: z.int(),
  seq: z.int(),
  /** Milliseconds since 1970, by the server's clock. */
  createdAt: z.number(),
  updatedAt: z.number(),
  createdBy: z.string(),
  updatedBy: z.string(),
  /** 0 LOW … 3 CRITICAL. */
  priority: z.int(),
  /** Empty for a record that is gone. */
  fields: z.record(z.string(), z.json()),
  /**
   * `deleted`; `moved`: it lives on in another scope, so it is dropped only if the replica still has it in this one;
   * `alias`: its id stands for `of` from now on.
   */
  gone: z.enum(['deleted', 'moved', 'alias']).optional(),
  of: z.string().optional(),
});

export type WireRecord = z.output<typeof wireRecord>;

export function toWireRecord(record: RecordState): WireRecord {
  const { tombstone } = record;
  return {
    scope: record.scope,
    type: record.type.slice(record.type.indexOf('.') + 1),
    id: bareId(record.id),
    version: record.version,
    seq: record.seq,
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
    createdBy: record.createdBy,
    updatedBy: record.updatedBy,
    priority: record.priority,
    fields: tombstone === null ? (record.fields as WireRecord['fields']) : {},
    ...(tombstone !== null && { gone: tombstone.kind }),
    ...(tombstone?.kind === 'alias' && { of: bareId(tombstone.of) }),
  };
}
