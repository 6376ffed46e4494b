/**
 * Brings the records of a tenant into the engine, as edits made at the time that each row names: what is new is created,
 * and where a record is here already the later edit of a field stands, as between two devices. Change ids come
 * from tenant, row and content, so that the same rows again change nothing.
 */
import { hash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { canonicalJson, equalJson, type Fields, LIMITS, qualifiedId, type RecordState } from '@ackord/core';
import type { Actor, Engine, RawChange, Receipt } from '@ackord/server';
import { tableOf } from '../sqlite/tables.ts';
import type { TenantRecord } from '../sqlite/tenant-file.ts';
import { decodeEntity } from '../wire/decode.ts';
import { typeKeyOf } from '../wire/type-names.ts';
import type { Tally } from './tally.ts';

export interface TenantImport {
  readonly engine: Pick<Engine, 'submit' | 'records'>;
  /** Who may write in the tenant. */
  readonly actor: Actor;
  readonly tenantId: string;
  /** What is counted and told. */
  readonly tally: Tally;
  /** Nothing is written; counted is what would happen. */
  readonly isDryRun?: boolean;
}

const DEVICE = 'moving-in';
const TRIES_MAX = 50;

/** Throws `ImportStopped` when the engine takes no changes for some time. */
export async function importTenant(target: TenantImport, records: readonly TenantRecord[]): Promise<void> {
  for (let start = 0; start < records.length; start += LIMITS.importChangesMax) {
    const tasks = records
      .slice(start, start + LIMITS.importChangesMax)
      .flatMap((record) => taskOf(target, record) ?? []);
    const before = await recordsBefore(target, tasks);
    if (target.isDryRun) for (const task of tasks) rehearse(target.tally, task, before.get(task.key) ?? null);
    else await submit(target, tasks, before);
  }
}

interface Task {
  readonly record: TenantRecord;
  /** Type and id, as records are looked up. */
  readonly key: string;
  readonly fields: Fields;
  readonly change: RawChange;
}

function taskOf({ tenantId, tally }: TenantImport, record: TenantRecord): Task | null {
  const { type, id } = record;
  tally.read(1);
  const decoded = decodeEntity(type, record.fields);
  if (!decoded.ok) {
    tally.leftOut({ table: tableOf(type).name, id, reason: decoded.message });
    return null;
  }
  const { fields, sentAt, sentStamp } = decoded;
  const change: RawChange = {
    entityType: type,
    id,
    operation: 'CREATE',
    clientTime: sentAt,
    stamp: sentStamp,
    changeId: changeIdOf(tenantId, type, id, fields, sentAt),
    fields,
  };
  return { record, key: keyOf(typeKeyOf(type), qualifiedId(tenantId, id)), fields, change };
}

const keyOf = (type: string, id: string): string => `${type} ${id}`;

export const changeIdOf = (...parts: readonly (string | number | null | Fields)[]): string =>
  `moved ${hash('sha256', canonicalJson(parts), 'base64url').slice(0, 32)}`;

async function recordsBefore(
  { engine, actor, tenantId }: TenantImport,
  tasks: readonly Task[],
): Promise<ReadonlyMap<string, RecordState>> {
  const keys = tasks.map(({ record: { type, id } }) => ({
    type: typeKeyOf(type),
    id: qualifiedId(tenantId, id),
  }));
  const found = keys.length === 0 ? [] : await engine.records(actor, keys);
  return new Map(found.map((record) => [keyOf(record.type, record.id), record]));
}

function rehearse(tally: Tally, { fields }: Task, before: RecordState | null): void {
  if (before === null) tally.count('created');
  else tally.count(isSame(fields, before.fields) ? 'unchanged' : 'changed');
}

const isSame = (sent: Fields, held: Fields): boolean =>
  Object.entries(sent).every(([name, value]) => equalJson(value, held[name] ?? null));

async function submit(
  target: TenantImport,
  tasks: readonly Task[],
  before: ReadonlyMap<string, RecordState>,
): Promise<void> {
  const { actor, tenantId, tally } = target;
  const receipts = await submitChanges(target.engine, {
    actor,
    tenant: tenantId,
    origin: 'client',
    changes: tasks.map(({ change }) => change),
  });
  for (const [index, { record, key }] of tasks.entries()) {
    const receipt = receipts[index];
    if (!receipt) continue;
    if ('code' in receipt)
      tally.leftOut({ table: tableOf(record.type).name, id: record.id, reason: receipt.message });
    else tally.count(outcomeOf(receipt, before.get(key)?.version ?? 0));
  }
}

type Accepted = Exclude<Receipt, { readonly code: unknown }>;

function outcomeOf({ replayed, stands, version }: Accepted, before: number) {
  if (replayed) return 'unchanged';
  if (!stands) return 'kept';
  if (before === 0) return 'created';
  return (version ?? 0) > before ? 'changed' : 'unchanged';
}

/** A receipt for each, in their order. What the engine wants to be tried again is. */
export async function submitChanges(
  engine: Pick<Engine, 'submit'>,
  submission: {
    readonly actor: Actor;
    readonly tenant?: string;
    readonly origin: 'client' | 'server';
    readonly changes: readonly RawChange[];
  },
): Promise<readonly Receipt[]> {
  const { changes } = submission;
  const receipts = new Array<Receipt>(changes.length);
  let open = changes.map((_, index) => index);
  for (let attempt = 1; open.length > 0; attempt += 1) {
    if (attempt > TRIES_MAX) throw new ImportStopped('The server took no changes for some time.');
    const batchId = changeIdOf(submission.actor.userId, open.length, String(changes[0]?.changeId));
    const part = open.flatMap((index) => changes[index] ?? []);
    const result = await engine.submit({
      ...submission,
      domain: 'finance',
      device: DEVICE,
      batchId,
      changes: part,
    });
    let waitMs = 0;
    const again: number[] = [];
    for (const [position, receipt] of result.receipts.entries()) {
      const index = open[position] as number;
      receipts[index] = receipt;
      if (receipt.status !== 'retry') continue;
      again.push(index);
      waitMs = Math.max(waitMs, receipt.retryAfterMs);
    }
    open = again;
    if (open.length > 0) await pause(Math.max(100, waitMs));
  }
  return receipts;
}

/** What is in stays in; the same import again goes on from there. */
export class ImportStopped extends Error {}
