/**
 * A scope goes back to what it was at a checkpoint, by ordinary changes: devices receive them, history and receipts are
 * kept, and what somebody edits meanwhile is met as it always is. Then it is looked whether it is so, and done again for
 * what is not, LIMITS.restoreRoundsMax times.
 */
import { randomUUID } from 'node:crypto';
import { bareId, equalJson, type Fields, LIMITS, type RecordState, type Registry } from '@ackord/core';
import type { Checkpoint, CheckpointForm, ScopeSums } from './checkpoint-ports.ts';
import type { Engine } from './engine.ts';
import { fieldsThen, readPast, wasThere } from './past-state.ts';
import type { Snapshot, Store } from './ports.ts';
import { isAcknowledged } from './receipts.ts';
import type { Actor, RawChange } from './submission.ts';
import { nameOfType, sumsBy, typeKeysOf, walkScope } from './walk-scope.ts';

export interface RestoreTools {
  readonly engine: Pick<Engine, 'submit'>;
  readonly store: Store;
  readonly registry: Registry;
  readonly form: CheckpointForm;
}

export interface RestoreReport {
  readonly checkpointId: string;
  /** Records that were made since and went, came back, or got their former values. Of all rounds. */
  readonly deleted: number;
  readonly revived: number;
  readonly updated: number;
  /** Changes that were not taken; what they were about is among the differing ones, unless a later round did it. */
  readonly refused: number;
  readonly rounds: number;
  /** The scope is what it was, by its checksums. */
  readonly verified: boolean;
  /** At most LIMITS.restoreIdsToldMax of the records that are not what they were. */
  readonly differing: readonly { readonly type: string; readonly id: string }[];
  readonly differingCount: number;
}

interface Wanted {
  readonly act: 'deleted' | 'revived' | 'updated';
  readonly typeName: string;
  readonly id: string;
  readonly change: RawChange;
}

export interface RestorePlan {
  /** What the scope was then, as history tells it. */
  readonly former: ScopeSums;
  readonly wanted: readonly Wanted[];
}

/** What has to be done, from one moment. */
export async function planRestore(
  snapshot: Snapshot,
  { registry, form }: Pick<RestoreTools, 'registry' | 'form'>,
  { scope, seq }: Pick<Checkpoint, 'scope' | 'seq'>,
): Promise<RestorePlan> {
  const [state] = await snapshot.scopes([scope]);
  const head = state?.head ?? 0;
  const pasts = await readPast(snapshot, scope, seq, head);
  const sums = sumsBy(form, registry);
  const wanted: Wanted[] = [];
  await walkScope(snapshot, scope, head, typeKeysOf(registry, form.domain), (record) => {
    const past = pasts.get(`${record.type} ${record.id}`);
    const then = wasThere(record, past) ? fieldsThen(record, past) : null;
    if (then !== null) sums.add(record.type, record.id, then);
    const one = record.seq > seq ? wantedFor(registry, record, then) : null;
    if (one) wanted.push(one);
  });
  return { former: sums.result(), wanted: inOrder(wanted, form.order) };
}

/** `then`: the record's fields at the checkpoint, null where it was not there. */
function wantedFor(registry: Registry, record: RecordState, then: Fields | null): Wanted | null {
  const isLive = record.tombstone === null;
  if (then === null) return isLive ? wantedOf('deleted', record, { operation: 'DELETE', fields: {} }) : null;
  const type = registry.type(record.type);
  const own = Object.entries(then).filter(([name]) => type.fields.get(name)?.serverOwned === false);
  if (!isLive) return wantedOf('revived', record, { operation: 'UPDATE', fields: Object.fromEntries(own) });
  const changed = own.filter(([name, value]) => !equalJson(value, record.fields[name] ?? null));
  return changed.length > 0
    ? wantedOf('updated', record, { operation: 'UPDATE', fields: Object.fromEntries(changed) })
    : null;
}

function wantedOf(
  act: Wanted['act'],
  { type, id, version }: RecordState,
  change: Pick<RawChange, 'operation' | 'fields'>,
): Wanted {
  const typeName = nameOfType(type);
  const bare = bareId(id);
  return {
    act,
    typeName,
    id: bare,
    // Made on the version that was read: what somebody writes meanwhile is met as a conflict, not run over.
    change: { entityType: typeName, id: bare, base: version, changeId: randomUUID(), ...change },
  };
}

/** What others refer to comes first and goes last, since apps refuse to delete what is still in use. */
function inOrder(wanted: readonly Wanted[], order: readonly string[]): Wanted[] {
  const rank = new Map(order.map((name, index) => [name, index]));
  const rankOf = ({ typeName, act }: Wanted): number => {
    const its = rank.get(typeName) ?? order.length;
    return act === 'deleted' ? 2 * order.length + 1 - its : its;
  };
  return [...wanted].sort((a, b) => rankOf(a) - rankOf(b));
}

export async function restoreTo(
  tools: RestoreTools,
  checkpoint: Checkpoint,
  actor: Actor,
  first: RestorePlan,
): Promise<RestoreReport> {
  const done = { deleted: 0, revived: 0, updated: 0 };
  let refused = 0;
  let rounds = 0;
  let plan = first;
  while (plan.wanted.length > 0 && rounds < LIMITS.restoreRoundsMax) {
    rounds++;
    for (let at = 0; at < plan.wanted.length; at += LIMITS.restoreChangesPerBatchMax) {
      const batch = plan.wanted.slice(at, at + LIMITS.restoreChangesPerBatchMax);
      const taken = await submitBatch(tools, checkpoint, actor, batch);
      for (const one of taken) done[one.act]++;
      refused += batch.length - taken.length;
    }
    plan = await tools.store.snapshot((snapshot) => planRestore(snapshot, tools, checkpoint));
  }
  const differing = plan.wanted.slice(0, LIMITS.restoreIdsToldMax);
  return {
    checkpointId: checkpoint.id,
    ...done,
    refused,
    rounds,
    verified: plan.wanted.length === 0,
    differing: differing.map(({ typeName, id }) => ({ type: typeName, id })),
    differingCount: plan.wanted.length,
  };
}

/** Those that stand as they were wanted. */
async function submitBatch(
  { engine, form }: RestoreTools,
  { scope, id }: Checkpoint,
  actor: Actor,
  batch: readonly Wanted[],
): Promise<readonly Wanted[]> {
  const { receipts } = await engine.submit({
    domain: form.domain,
    actor,
    device: null,
    batchId: `restore ${id}`,
    origin: 'restore',
    tenant: tenantOfScope(scope),
    changes: batch.map(({ change }) => change),
  });
  return batch.filter((_, index) => {
    const receipt = receipts[index];
    return receipt !== undefined && isAcknowledged(receipt) && receipt.stands;
  });
}

export const tenantOfScope = (scope: string): string => scope.slice(scope.indexOf(':') + 1);
