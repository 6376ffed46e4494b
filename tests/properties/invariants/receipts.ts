/** I1–I3: what was acknowledged is there, once, and is answered the same for ever. */
import { equalJson, type Fields, type JsonValue, roleReaches } from '@ackord/core';
import type { Acknowledged, Receipt } from '@ackord/server';
import { isAcknowledged, type OutboxChange } from '../outbox-change.ts';
import { keyOf } from '../replica.ts';
import type { SimulatedDevice } from '../simulated-device.ts';
import type { Truth } from '../truth.ts';
import { holds } from '../violation.ts';
import type { World } from '../world.ts';

/** The ACK of a change, the final one if it came after a wait; null: it was refused. */
export function acknowledgedBy({ answers }: OutboxChange): Acknowledged | null {
  const received = answers.filter(isAcknowledged);
  return received.find((receipt) => !isWaiting(receipt)) ?? received[0] ?? null;
}

/** Kept until the parent is there: what becomes of the change is still to come. */
const isWaiting = ({ conflict }: Acknowledged): boolean =>
  conflict?.conflictType === 'DEPENDENCY_CONFLICT' && conflict.status === 'pending';

export function checkReceipts(world: World, truth: Truth): void {
  for (const change of world.observer.changes) {
    requireOneAnswer(change);
    const receipt = acknowledgedBy(change);
    if (receipt) requireEffect(truth, change, receipt);
    else if (change.answers.at(-1)?.status === 'rejected') requireNoEffect(truth, change);
  }
}

/** After an ACK there is nothing but the same ACK; only where it says that the change waits, a final one may follow. */
function requireOneAnswer(change: OutboxChange): void {
  let known: Acknowledged | null = null;
  for (const receipt of change.answers) {
    if (receipt.status === 'retry') continue;
    const isFinal = known !== null && isWaiting(known) && isAcknowledged(receipt) && receipt.replayed;
    const right = known === null || isFinal || isSame(receipt, known);
    holds('I2', right, 'a repeated change got another receipt', () => change);
    if (isAcknowledged(receipt)) known = receipt;
  }
}

/** The same receipt again, but for where it stood in its submission. */
function isSame(later: Receipt, first: Receipt): boolean {
  const bare = (receipt: Receipt): JsonValue =>
    JSON.parse(JSON.stringify({ ...receipt, index: 0, replayed: true })) as JsonValue;
  return isAcknowledged(later) && later.replayed && equalJson(bare(later), bare(first));
}

/** The version that the receipt names is in the log, and holds what the receipt says stands. */
function requireEffect(truth: Truth, change: OutboxChange, receipt: Acknowledged): void {
  if (receipt.version === null) return;
  const id = receipt.canonicalId ?? receipt.entityId;
  const history = truth.histories.get(keyOf({ type: `travel.${change.typeName}`, id }));
  const made = history?.versions.find(({ version }) => version === receipt.version);
  const facts = () => ({ change, receipt, history });
  holds('I1', made !== undefined, 'an acknowledged change is not in the log', facts);
  if (!made || !receipt.stands || change.operation === 'DELETE') return;
  // What a device sends of a record that it did not touch is no edit, and need not stand.
  for (const [field, value] of Object.entries(editsOf(change))) {
    const there = made.fields[field];
    const atBase = history?.versions[change.base - 1]?.fields[field];
    if (change.base > 0 && equalJson(atBase, value)) continue;
    const merged = receipt.mergedFields.includes(field) || Array.isArray(value) || isReference(field);
    holds('I1', merged || equalJson(there, value), `a value that stands is not there: ${field}`, facts);
  }
}

/** The values of a change that differ from what its device showed. */
export function editsOf({ fields, shown }: OutboxChange): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => !equalJson(value, shown?.[name])),
  );
}

/** References are kept under the ids that their records live under today. */
const isReference = (field: string): boolean => field.endsWith('Id');

function requireNoEffect(truth: Truth, change: OutboxChange): void {
  const lines = [...truth.logs.values()].flat();
  const effect = lines.find((line) => line.actor === change.actor && line.changeId === change.changeId);
  holds('I1', effect === undefined, 'a change that was refused has an effect', () => ({ change, effect }));
}

/** What waits for a parent is taken up when that is there: no wait is forgotten, whatever the server died of. */
export async function checkWaiting(world: World, truth: Truth): Promise<void> {
  for (const user of world.users) {
    const mine = await world.engine.scopes({ userId: user });
    for (const waiting of await world.ground.store.waitingOf(user)) {
      const parent = truth.histories.get(keyOf(waiting.parent))?.record;
      // Whoever may only look at the parent goes on waiting for more.
      const { write } = world.ground.registry.type(waiting.target.type).access;
      const isOpen = parent?.tombstone === null && roleReaches(mine.get(parent.scope) ?? null, write);
      holds('I1', !isOpen, 'a change waits for a parent that is there', () => ({ waiting, parent }));
    }
  }
}

/** I2 once more, at rest: everything that was acknowledged is sent again, and nothing happens. */
export async function repeatEverything(world: World, truth: Truth): Promise<void> {
  for (const device of world.devices) {
    const done = world.observer.changes.filter(
      (change) => change.device === device.name && acknowledgedBy(change),
    );
    await sendAgain(device, done);
  }
  await world.settle();
  for (const change of world.observer.changes) requireOneAnswer(change);
  const after = await world.readTruth();
  const waited = new Set(
    world.observer.changes
      .filter(({ answers }) => answers.some((receipt) => isAcknowledged(receipt) && isWaiting(receipt)))
      .map(({ changeId }) => changeId),
  );
  for (const [id, lines] of after.logs) {
    // Somebody came by: what waited is looked at again, and may be decided by now for another cause than its parent.
    const effects = lines
      .slice(truth.scopes.get(id)?.head ?? 0)
      .filter(({ changeId }) => !waited.has(changeId ?? ''));
    holds('I2', effects.length === 0, 'repeating acknowledged changes had an effect', () => effects);
  }
}

async function sendAgain(device: SimulatedDevice, changes: readonly OutboxChange[]): Promise<void> {
  await device.push(changes, 'answer-lost');
}
