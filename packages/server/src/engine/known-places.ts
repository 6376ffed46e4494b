/**
 * Where records were last seen to lie, and who had a role where and of whom nothing waited a moment ago: enough for a first
 * guess, which spares a round trip. Rungs 8 and 9 find all of it once more on the locked rows; a guess that was wrong is
 * looked up then, as everything is that is not known.
 */
import { LIMITS, roleReaches } from '@ackord/core';
import { ExpiringSet } from './expiring-set.ts';
import type { Location, Placement, PlaceRequest } from './ports.ts';
import { recordKey } from './unit.ts';

export interface Recalling {
  /** The user's own scopes. */
  readonly own: ReadonlySet<string>;
  /** Changes like these may wait for others, so it has to be known that nothing of the user's does. */
  readonly mayWait: boolean;
}

export class KnownPlaces {
  /** In the order in which they were seen. */
  readonly #locations = new Map<string, Location>();
  readonly #roles: ExpiringSet;
  /** Users of whom nothing waits. */
  readonly #idle: ExpiringSet;

  /** `clock`: milliseconds of any monotonic clock. */
  constructor(clock: () => number = () => performance.now()) {
    const options = { keptMs: LIMITS.placeKnownMs, namesMax: LIMITS.rolesKnownMax, clock };
    this.#roles = new ExpiringSet(options);
    this.#idle = new ExpiringSet(options);
  }

  note(userId: string, { locations, memberships, hasWaiting }: Placement): void {
    if (hasWaiting) this.#idle.delete(userId);
    else this.#idle.add(userId);
    for (const { scope, role, revokedAt } of memberships)
      if (revokedAt === null && roleReaches(role, 'VIEWER')) this.#roles.add(roleName(userId, scope));
    for (const location of locations) this.#noteLocation(location);
  }

  /** Where all keys lie; null: something is not known. */
  recall({ userId, keys, scopes }: PlaceRequest, { own, mayWait }: Recalling): readonly Location[] | null {
    if (mayWait && !this.#idle.has(userId)) return null;
    const isOpen = (scope: string): boolean => own.has(scope) || this.#roles.has(roleName(userId, scope));
    if (!scopes.every(isOpen)) return null;
    const locations: Location[] = [];
    for (const { type, id } of keys) {
      const location = this.#locations.get(recordKey(type, id));
      if (location === undefined || !isOpen(location.scope)) return null;
      locations.push(location);
    }
    return locations;
  }

  /** Aliases are seldom, and lead on to other records. */
  #noteLocation(location: Location): void {
    const key = recordKey(location.type, location.id);
    this.#locations.delete(key);
    if (location.aliasOf === null) this.#locations.set(key, location);
    if (this.#locations.size <= LIMITS.locationsKnownMax) return;
    for (const oldest of this.#locations.keys()) {
      this.#locations.delete(oldest);
      return;
    }
  }
}

const roleName = (userId: string, scope: string): string => `${userId} ${scope}`;
