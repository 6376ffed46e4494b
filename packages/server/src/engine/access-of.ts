/** What the reader of a page may see, and where it stands. */
import type { Role } from '@ackord/core';
import { ownScopes } from './place.ts';
import type { Membership, ScopeState, Snapshot } from './ports.ts';
import type { Position } from './positions.ts';
import { rolesOf } from './reads.ts';

export interface Access {
  /** Of the caller, in scopes that are open. */
  readonly roles: ReadonlyMap<string, Role>;
  readonly memberships: readonly Membership[];
  /** Those and all where the caller has been. */
  readonly scopes: ReadonlyMap<string, ScopeState>;
}

/** Whoever comes back mostly has access to what it had: only scopes that are new to it need a trip of their own. */
export async function accessOf(
  snapshot: Snapshot,
  userId: string,
  from: Pick<Position, 'positions' | 'dropping'>,
): Promise<Access> {
  const before = new Set([
    ...ownScopes(userId),
    ...Object.keys(from.positions),
    ...Object.keys(from.dropping),
  ]);
  const [memberships, known] = await Promise.all([
    snapshot.memberships(userId),
    snapshot.scopes([...before]),
  ]);
  const roles = rolesOf(userId, memberships);
  const gained = [...roles.keys()].filter((scope) => !before.has(scope));
  const all = gained.length > 0 ? [...known, ...(await snapshot.scopes(gained))] : known;
  for (const { id, closedAt } of all) if (closedAt !== null) roles.delete(id);
  return { roles, memberships, scopes: new Map(all.map((scope) => [scope.id, scope])) };
}
