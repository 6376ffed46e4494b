/**
 * Rung 4 without a read: records of tenants name their scope by their id, and nothing of theirs ever waits. That saves a
 * round trip of the five that a change needs.
 */
import type { Registry } from '@ackord/core';
import { type Guess, ownScopes, scopeOfTenantRecord } from './place.ts';
import type { PlaceReader } from './place-reader.ts';
import type { ChangeTask } from './unit.ts';

/** null: something has to be looked up. `now`: wall clock, milliseconds. */
export function placeInTenants(
  { known }: PlaceReader,
  registry: Registry,
  actor: string,
  tasks: readonly ChangeTask[],
  now: number,
): Guess | null {
  const own = ownScopes(actor);
  for (const { change } of tasks) {
    if (registry.type(change.type).scope !== 'tenant') return null;
    const scope = scopeOfTenantRecord(change.id);
    if (!own.includes(scope) && !known.has(actor, scope)) return null;
  }
  return {
    scopesOf: ({ change }) => new Set([scopeOfTenantRecord(change.id)]),
    placement: { now, locations: [], memberships: [], waiting: [], hasWaiting: false },
    closed: [],
    missesParents: false,
  };
}
