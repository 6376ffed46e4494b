/** Who speaks for each trip: its owner here, if it was taken over before, else its owner over there. */
import type { Role } from '@ackord/core';
import { groupBy, type MovedRows, type Store } from '@ackord/server';
import { pagesOf, quoted, type Row, type Source, type Table } from './source.ts';
import type { MovedUsers } from './users.ts';
import { idOf, textOf } from './values.ts';

export interface OldMember {
  readonly id: string;
  readonly tripId: string;
  readonly userId: string;
  readonly role: Role;
}

const ROLES: { readonly [word: string]: Role } = { owner: 'OWNER', editor: 'EDITOR', viewer: 'VIEWER' };

/** null: nobody can tell what the row means. */
export function memberOf(row: Row): OldMember | null {
  const [id, tripId, userId] = [idOf(row.id), idOf(row.tripId), idOf(row.userId)];
  const role = ROLES[textOf(row.role)?.toLowerCase() ?? ''];
  return id !== null && tripId !== null && userId !== null && role ? { id, tripId, userId, role } : null;
}

/** The members of some trips, in order of their ids. */
export async function membersOf(
  source: Source,
  table: Table | null,
  trips: readonly string[],
): Promise<readonly OldMember[]> {
  const [id, trip, user, role] = ['id', 'tripId', 'userId', 'role'].map((name) => table?.columns.get(name));
  if (!table || !id || !trip || !user || !role) return [];
  const rows = await source.rows(
    `SELECT ${id.value} AS id, ${trip.value} AS "tripId", ${user.value} AS "userId", ${role.value} AS role
     FROM ${quoted(table.name)} AS t WHERE ${trip.isListed} ORDER BY t.${id.name}`,
    [trips],
  );
  return rows.flatMap((row) => memberOf(row) ?? []);
}

export type OldOwner =
  | { readonly kind: 'owner' | 'editor'; readonly user: string }
  /** Was left out: who came in for that one would own the trip for good. */
  | { readonly kind: 'left out'; readonly user: string };

/** Its owner, else whom the trip itself names; where neither names anybody, one who may edit it. null: there is nobody. */
export function oldOwnerOf(
  ownerId: string | null,
  members: readonly OldMember[],
  { ids, leftOut }: MovedUsers,
): OldOwner | null {
  const isKnown = (user: string): boolean => ids.has(user) || leftOut.has(user);
  const known = members.filter(({ userId }) => isKnown(userId));
  const owners = known.filter(({ role }) => role === 'OWNER').map(({ userId }) => userId);
  const named = ownerId !== null && isKnown(ownerId) ? ownerId : null;
  const owner =
    named !== null && owners.includes(named)
      ? named
      : (owners.find((user) => ids.has(user)) ?? owners[0] ?? named);
  if (owner !== null) return { kind: ids.has(owner) ? 'owner' : 'left out', user: owner };
  const editor = known.find(({ role, userId }) => role === 'EDITOR' && ids.has(userId));
  return editor ? { kind: 'editor', user: editor.userId } : null;
}

export type RolesOfTrip = ReadonlyMap<string, Role>;

/** The roles of today in trips that are here. Trips that are not are left out. */
export async function rolesHere(
  store: Store,
  trips: readonly string[],
): Promise<ReadonlyMap<string, RolesOfTrip>> {
  if (trips.length === 0) return new Map();
  const members = await store.snapshot((snapshot) => snapshot.members(trips.map((id) => `trip:${id}`)));
  const roles = new Map<string, Map<string, Role>>();
  for (const { scope, userId, role, revokedAt } of members) {
    if (revokedAt !== null) continue;
    const trip = scope.slice('trip:'.length);
    roles.set(trip, (roles.get(trip) ?? new Map<string, Role>()).set(userId, role));
  }
  return roles;
}

/** An owner of a trip that is here; `preferred` if that one still is. */
export function ownerHere(roles: RolesOfTrip | undefined, preferred: string | null): string | null {
  if (preferred !== null && roles?.get(preferred) === 'OWNER') return preferred;
  for (const [userId, role] of roles ?? []) if (role === 'OWNER') return userId;
  return null;
}

export interface OwnerParts {
  readonly source: Source;
  readonly store: Store;
  readonly moved: MovedRows;
  readonly users: MovedUsers;
  readonly note: (text: string) => void;
}

export interface TripOwners {
  /** Who speaks for each trip that can be taken over. */
  readonly owners: ReadonlyMap<string, string>;
  /** Owners who were left out, by the trips that wait for them. */
  readonly awaited: ReadonlyMap<string, string>;
}

export async function findOwners(
  { source, store, moved, users, note }: OwnerParts,
  trips: Table,
): Promise<TripOwners> {
  const [owners, awaited] = [new Map<string, string>(), new Map<string, string>()];
  const memberTable = source.table('trip_membership', ['id', 'userId', 'tripId', 'role']);
  for await (const rows of pagesOf(source, trips)) {
    const ids = rows.flatMap((row) => idOf(row.id) ?? []);
    const roles = await rolesHere(store, ids);
    const before = new Map((await moved.read('Trip', ids)).map(({ id, actor }) => [id, actor]));
    const members = groupBy(await membersOf(source, memberTable, ids), ({ tripId }) => tripId);
    for (const row of rows) {
      const id = idOf(row.id) ?? '';
      const here = ownerHere(roles.get(id), before.get(id) ?? null);
      const there = here ? null : oldOwnerOf(idOf(row.ownerId), members.get(id) ?? [], users);
      if (there?.kind === 'left out') awaited.set(id, there.user);
      const owner = here ?? (there?.kind === 'left out' ? null : (there?.user ?? null));
      if (owner !== null) owners.set(id, owner);
      if (there?.kind === 'editor')
        note(`trip ${id}: nobody is named as its owner; the editor ${there.user} is its owner here.`);
    }
  }
  return { owners, awaited };
}
