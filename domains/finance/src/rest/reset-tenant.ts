/**
 * Empties a tenant: all its live records are deleted by ordinary changes, so that every app hears of it and history
 * stays. What is made meanwhile stays too. May be called again: what is gone is not deleted twice.
 */
import { bareId, LIMITS, type RecordState } from '@ackord/core';
import type { Actor, Engine, RestAnswer } from '@ackord/server';
import { tenantActor } from '../access.ts';
import { TYPE_NAMES, type TypeName, typeKeyOf } from '../wire/type-names.ts';
import { refusedBy, submit } from './calls.ts';

type Tools = { readonly engine: Engine };
type Emptied =
  | { readonly ok: true; readonly deleted: number }
  | { readonly ok: false; readonly answer: RestAnswer };

const ROWS = 500;

export async function emptyTenant(tools: Tools, actor: Actor, tenantId: string): Promise<Emptied> {
  let deleted = 0;
  for (const type of TYPE_NAMES) {
    const records = await liveRecords(tools, tenantId, type);
    for (let from = 0; from < records.length; from += ROWS) {
      const part = records.slice(from, from + ROWS);
      const receipts = await submit(
        tools,
        actor,
        part.map(({ id }) => ({ entityType: type, id: bareId(id), operation: 'DELETE', fields: {} })),
        tenantId,
      );
      const answer = receipts.map(refusedBy).find((one) => one !== null);
      if (answer) return { ok: false, answer };
      deleted += part.length;
    }
  }
  return { ok: true, deleted };
}

async function liveRecords({ engine }: Tools, tenantId: string, type: TypeName): Promise<RecordState[]> {
  const actor = tenantActor(tenantId);
  const records: RecordState[] = [];
  let after: string | null = null;
  for (;;) {
    const asked = {
      actor,
      type: typeKeyOf(type),
      owner: null,
      contains: null,
      after,
      limit: LIMITS.pageRowsMax,
    };
    const page = await engine.list(asked);
    if (!page.ok) return records;
    records.push(...page.records);
    const last = page.records.at(-1);
    if (!last || page.records.length < LIMITS.pageRowsMax) return records;
    after = last.id;
  }
}
