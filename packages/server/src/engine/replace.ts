/** A unit that turned out to need other scopes is placed again: with those that its caller may enter. */
import { LIMITS } from '@ackord/core';
import { place, userScope } from './place.ts';
import { rejectedReceipt } from './receipts.ts';
import { refuseUnits } from './refuse.ts';
import { isUnreachable, type Submitting } from './submit.ts';
import type { ChangeTask, Unit } from './unit.ts';

export async function replaceUnit(tools: Submitting, unit: Unit, needed: readonly string[]): Promise<void> {
  try {
    unit.replacings++;
    if (unit.replacings > LIMITS.scopeReplacingsMax) refuseUnits([unit], 'BUSY');
    else if (await findPlace(tools, unit, needed)) {
      tools.lanes.add(unit);
      tools.wake();
      return;
    }
  } catch (cause) {
    refuseUnits([unit], isUnreachable(cause) ? 'UNAVAILABLE' : 'INTERNAL');
  }
  unit.done();
}

/** False when nothing of the unit is left to decide. */
async function findPlace(tools: Submitting, unit: Unit, needed: readonly string[]): Promise<boolean> {
  const changes = unit.tasks.filter((task): task is ChangeTask => task.kind === 'change');
  const actor = unit.tasks[0]?.call.actor ?? '';
  const { scopesOf, placement } = await place(tools.store, tools.registry, actor, changes);
  const mine = new Set([
    userScope(actor),
    ...placement.memberships.flatMap((one) => (one.revokedAt === null ? [one.scope] : [])),
  ]);
  const scopes = new Set([
    ...unit.scopes,
    ...changes.flatMap((task) => [...scopesOf(task)]),
    ...needed.filter((scope) => mine.has(scope)),
  ]);
  const grown = [...scopes].some((scope) => !unit.scopes.has(scope));
  unit.scopes = scopes;
  if (grown) return true;
  // What is needed belongs to somebody else: to this caller, it is not there.
  if (unit.tasks.length === 1) {
    for (const task of changes) task.receipt = rejectedReceipt(task, 'FORBIDDEN');
    for (const task of unit.tasks)
      if (task.kind !== 'change') task.result = { ok: false, code: 'FORBIDDEN', message: '' };
    return false;
  }
  return true;
}
