/**
 * Sends what waits in the outbox, a batch at a time, and settles each change by its receipt. A batch whose answer is
 * lost stays in the outbox and goes out again unchanged with the next push.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Fields, formatInstant, type JsonValue, LIMITS } from '@ackord/core';
import { PUSH } from './documents.ts';
import type { PendingChange } from './outbox.ts';
import type { Phone } from './phone.ts';
import { ServerFault } from './server-fault.ts';
import { type BulkAnswer, type Outcome, settle } from './settle.ts';
import { entityTypeOf, entityTypes, toWire } from './wire.ts';

export interface PushReport {
  /** One for each change that was answered, in the order of the outbox. */
  readonly outcomes: readonly Outcome[];
  /** 'lost': an answer did not arrive, and everything from there on is still in the outbox. */
  readonly ended: 'done' | 'lost';
}

/** Changes of one batch: SYNC_BATCH_SIZE, as servers have it when nobody sets it. */
const BATCH_CHANGES = LIMITS.pageRowsDefault;
/** Batches in which some change was asked to come again later. */
const RETRIES_MAX = 10;

/** Throws ServerFault when the server refuses the call as a whole. */
export async function push(
  phone: Phone,
  onProgress: (done: number) => void = () => {},
  signal?: AbortSignal,
): Promise<PushReport> {
  const outcomes: Outcome[] = [];
  let retries = 0;
  while (phone.outbox.size > 0) {
    const batch = phone.outbox.take(BATCH_CHANGES);
    const answer = await phone.connection.ask<{ bulkSync: BulkAnswer }>(PUSH, {
      input: inputOf(phone, batch),
    });
    if (!answer.ok) {
      if (answer.kind === 'lost') return { outcomes, ended: 'lost' };
      throw new ServerFault('bulkSync', answer);
    }
    const settled = settle(phone, batch, answer.data.bulkSync);
    outcomes.push(...settled.outcomes);
    onProgress(outcomes.length);
    if (settled.retryAfterMs === null) continue;
    if (++retries > RETRIES_MAX) return { outcomes, ended: 'lost' };
    await delay(settled.retryAfterMs, undefined, signal ? { signal } : {});
  }
  return { outcomes, ended: 'done' };
}

type Row = { readonly [name: string]: JsonValue };

function inputOf(phone: Phone, batch: readonly PendingChange[]): { readonly [name: string]: unknown } {
  const rows = (name: string) => batch.filter((change) => change.entity === name).map(rowOf);
  return {
    deviceId: phone.device,
    // What the phone has seen: a deletion takes nothing along that came later.
    cursor: phone.cursor,
    ...Object.fromEntries(entityTypes.map(({ name, plural }) => [plural, rows(name)])),
  };
}

function rowOf(change: PendingChange): Row {
  const type = entityTypeOf(change.entity);
  const text = (fields: Fields): string => JSON.stringify(toWire(type, fields));
  return {
    id: change.id,
    changeId: change.changeId,
    clientId: change.changeId,
    operation: change.operation,
    syncVersion: change.base,
    clientTimestamp: formatInstant(change.time),
    ...(change.baseFields && { baseFields: text(change.baseFields) }),
    ...toWire(type, change.fields),
  };
}
