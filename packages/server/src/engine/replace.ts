/** A unit that turned out to need other scopes is placed again: with those that its caller may enter. */
import { LIMITS } from '@ackord/core';
import { place, userScope } from './place.ts';
import { countWaiting, noteWaiting, type Submitting } from './queue.ts';
import { refuseUnits } from './refuse.ts';
import type { ChangeTask, Unit } from './unit.ts';
import { isUnreachable } from './unreachable.ts';

export async function replaceUnit(tools: Submitting, unit: Unit, needed: readonly string[]): Promise<void> {
  try {
    unit.replacings++;
    if (unit.replacings > LIMITS.scopeReplacingsMax) refuseUnits([unit], 'BUSY');
    else {
      await findPlace(tools, unit, needed);
      tools.lanes.add(unit);
      tools.wake();
      return;
    }
  } catch (cause) {
    refuseUnits([unit], isUnreachable(cause) ? 'UNAVAILABLE' : 'INTERNAL');
  }
  unit.done();
}

/** Scopes that belong to somebody else are noted on the call: what lies there is not there for it. */
async function findPlace(tools: Submitting, unit: Unit, needed: readonly string[]): Promise<void> {
  const changes = unit.tasks.filter((task): task is ChangeTask => task.kind === 'change');
  const actor = unit.tasks[0]?.call.actor ?? '';
  const { scopesOf, placement, closed } = await place(tools.places, tools.registry, actor, changes, {
    scopes: needed,
    thorough: true,
  });
  const mine = new Set([
    userScope(actor),
    ...placement.memberships.flatMap((one) => (one.revokedAt === null ? [one.scope] : [])),
  ]);
  for (const call of new Set(unit.tasks.map((task) => task.call))) {
    // A change that begins to wait asks for its writer's own scope, and how much waits there already.
    if (needed.includes(userScope(actor)) && call.waitingRoom === null) await countWaiting(tools.store, call);
    for (const scope of [...closed, ...needed.filter((scope) => !mine.has(scope))]) call.closedTo.add(scope);
    if (unit.isRemembered) noteWaiting(call, placement.waiting);
  }
  unit.isRemembered = false;
  const found = changes.flatMap((task) => [...scopesOf(task)]);
  unit.scopes = new Set([...unit.scopes, ...found, ...needed.filter((scope) => mine.has(scope))]);
}
