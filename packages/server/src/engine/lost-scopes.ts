/**
 * Scopes that the caller had read and has no access to any more, or that were closed: it is told, record by record,
 * what to drop. Only ids, and only of records that were there while it still had access.
 */
import type { Role } from '@ackord/core';
import type { RecordKey, ScopeState, Snapshot } from './ports.ts';
import type { Position } from './positions.ts';

export interface Drop {
  readonly scope: string;
  /** Seq up to which there is something to drop. */
  readonly upTo: number;
  /** How far dropping has come. */
  readonly position: number;
  /** Moment at which access ended. */
  readonly until: number;
}

export function lostScopes(
  { positions, dropping }: Pick<Position, 'positions' | 'dropping'>,
  roles: ReadonlyMap<string, Role>,
  scopes: ReadonlyMap<string, ScopeState>,
  memberships: readonly { readonly scope: string; readonly revokedAt: number | null }[],
): Drop[] {
  const begun = Object.entries(dropping).filter(([scope]) => !roles.has(scope));
  // Others go on changing what is still to be named, and move it behind the end that there was at the beginning.
  const drops = begun.map(
    ([scope, drop]): Drop => ({ scope, ...drop, upTo: scopes.get(scope)?.head ?? drop.upTo }),
  );
  for (const scope of Object.keys(positions)) {
    if (roles.has(scope) || drops.some((drop) => drop.scope === scope)) continue;
    const state = scopes.get(scope);
    const until = state?.closedAt ?? memberships.find((one) => one.scope === scope)?.revokedAt ?? 0;
    drops.push({ scope, upTo: state?.head ?? 0, position: 0, until });
  }
  return drops;
}

/** The next keys to drop, at most `room`; the drops that are not done yet come back with their new positions. */
export async function dropKeys(
  snapshot: Snapshot,
  drops: readonly Drop[],
  roles: ReadonlyMap<string, Role>,
  room: number,
): Promise<{ readonly keys: RecordKey[]; readonly drops: readonly Drop[] }> {
  if (drops.length === 0) return { keys: [], drops };
  const scopes = drops.map(({ scope, upTo, position, until }) => ({
    scope,
    after: position,
    upTo,
    // What was made in the very millisecond in which access ended may have been read before it.
    createdUntil: until + 1,
  }));
  const { rows } = await snapshot.feed({ scopes, types: null, priority: 0, limit: room });
  const keys = rows.map(({ type, id }) => ({ type, id }));
  // What has moved to a scope that the caller still sees is not gone for it.
  const locations = keys.length > 0 ? await snapshot.locations(keys) : [];
  const visible = new Set(
    locations.filter(({ scope }) => roles.has(scope)).map(({ type, id }) => `${type} ${id}`),
  );
  const last = rows.length === room ? rows.at(-1) : undefined;
  const at = last ? drops.findIndex((drop) => drop.scope === last.scope) : drops.length;
  const left = drops
    .slice(at)
    .map((drop, index) => (index === 0 && last ? { ...drop, position: last.seq } : drop));
  return { keys: keys.filter(({ type, id }) => !visible.has(`${type} ${id}`)), drops: left };
}
