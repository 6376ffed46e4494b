/** Looking at records: always through the caller's scopes, so what it may not see is simply not there. */
import type { RecordState, Role } from '@ackord/core';
import { groupBy } from './group-by.ts';
import { ownScopes, userScope } from './place.ts';
import type { Membership, RecordKey, ScopeDigest, Snapshot, Store } from './ports.ts';
import type { Actor } from './submission.ts';
import { recordKey } from './unit.ts';

/** The scopes in which a user has a role today, its own first. */
export const scopesOfUser = async (snapshot: Snapshot, userId: string): Promise<Map<string, Role>> =>
  rolesOf(userId, await snapshot.memberships(userId));

export function rolesOf(userId: string, memberships: readonly Membership[]): Map<string, Role> {
  const scopes = new Map<string, Role>(ownScopes(userId).map((scope) => [scope, 'OWNER']));
  for (const one of memberships) if (one.revokedAt === null) scopes.set(one.scope, one.role);
  return scopes;
}

const live = (records: readonly RecordState[]): RecordState[] =>
  records.filter((record) => record.tombstone === null);

/** In a scope that was closed by one event nothing else says that its records are deleted. */
async function standing(snapshot: Snapshot, records: readonly RecordState[]): Promise<RecordState[]> {
  const open = await openAmong(
    snapshot,
    records.map(({ scope }) => scope),
  );
  return live(records).filter(({ scope }) => open.has(scope));
}

/** Those of the scopes that are not closed. */
export async function openAmong(snapshot: Snapshot, scopes: readonly string[]): Promise<ReadonlySet<string>> {
  const asked = [...new Set(scopes)];
  const known = asked.length > 0 ? await snapshot.scopes(asked) : [];
  const closed = new Set(known.filter(({ closedAt }) => closedAt !== null).map(({ id }) => id));
  return new Set(asked.filter((scope) => !closed.has(scope)));
}

export const readScopes = (store: Store, actor: Actor): Promise<ReadonlyMap<string, Role>> =>
  store.snapshot((snapshot) => scopesOfUser(snapshot, actor.userId));

export const readRoleIn = (store: Store, actor: Actor, scope: string): Promise<Role | null> =>
  store.snapshot(async (snapshot) => {
    const role = (await scopesOfUser(snapshot, actor.userId)).get(scope) ?? null;
    return role !== null && (await openAmong(snapshot, [scope])).has(scope) ? role : null;
  });

export const readDigests = (store: Store, actor: Actor): Promise<readonly ScopeDigest[]> =>
  store.snapshot(async (snapshot) =>
    snapshot.digests([...(await scopesOfUser(snapshot, actor.userId)).keys()]),
  );

export interface DigestsOfScope {
  readonly scope: string;
  readonly head: number;
  readonly digests: readonly ScopeDigest[];
}

export const readScopeDigests = (
  store: Store,
  actor: Actor,
  wanted: readonly string[] | null,
): Promise<readonly DigestsOfScope[]> =>
  store.snapshot(async (snapshot) => {
    const mine = await scopesOfUser(snapshot, actor.userId);
    const scopes = wanted?.filter((scope) => mine.has(scope)) ?? [...mine.keys()];
    const [states, digests] = await Promise.all([snapshot.scopes(scopes), snapshot.digests(scopes)]);
    const byScope = groupBy(digests, ({ scope }) => scope);
    return states
      .filter(({ closedAt }) => closedAt === null)
      .map(({ id, head }) => ({ scope: id, head, digests: byScope.get(id) ?? [] }));
  });

/** Live records by key; an alias is answered by the record that it stands for. */
export function readRecords(
  store: Store,
  actor: Actor,
  keys: readonly RecordKey[],
): Promise<readonly RecordState[]> {
  return store.snapshot(async (snapshot) => {
    const scopes = [...(await scopesOfUser(snapshot, actor.userId)).keys()];
    return standing(snapshot, await snapshot.records(scopes, await canonicalKeys(snapshot, keys)));
  });
}

export function readChildren(
  store: Store,
  actor: Actor,
  type: string,
  owners: readonly string[],
  within?: readonly string[],
): Promise<readonly RecordState[]> {
  return store.snapshot(async (snapshot) => {
    const mine = await scopesOfUser(snapshot, actor.userId);
    const scopes = within ? [...new Set(within)].filter((scope) => mine.has(scope)) : [...mine.keys()];
    return standing(snapshot, await snapshot.children(scopes, type, owners));
  });
}

/**
 * Records that lie in other users' own scopes and are used by records that the caller sees: shown if their owner is a
 * member of the scope in which they are used. Whoever is no member can't have put them there.
 */
export function readLinked(
  store: Store,
  actor: Actor,
  links: readonly { readonly from: RecordState; readonly to: RecordKey }[],
): Promise<readonly RecordState[]> {
  return store.snapshot(async (snapshot) => {
    const mine = await scopesOfUser(snapshot, actor.userId);
    const usedIn = [...new Set(links.map(({ from }) => from.scope))].filter((scope) => mine.has(scope));
    const members = await snapshot.members(usedIn);
    const companions = new Set([...mine.keys(), ...members.map(({ userId }) => userScope(userId))]);
    const keys = await canonicalKeys(
      snapshot,
      links.map(({ to }) => to),
    );
    // Who is a companion in one scope is none in another that happens to be asked for at the same time.
    const shown = new Set(members.map(({ scope, userId }) => `${scope} ${userScope(userId)}`));
    const usesOf = new Map<string, Set<string>>();
    for (const [at, { from }] of links.entries()) {
      const { type = '', id = '' } = keys[at] ?? {};
      usesOf.set(recordKey(type, id), (usesOf.get(recordKey(type, id)) ?? new Set()).add(from.scope));
    }
    const isShown = ({ type, id, scope }: RecordState): boolean =>
      mine.has(scope) ||
      [...(usesOf.get(recordKey(type, id)) ?? [])].some((use) => shown.has(`${use} ${scope}`));
    return live(await snapshot.records([...companions], keys)).filter(isShown);
  });
}

async function canonicalKeys(snapshot: Snapshot, keys: readonly RecordKey[]): Promise<RecordKey[]> {
  const locations = await snapshot.locations(keys);
  const aliases = new Map(
    locations.flatMap(({ type, id, aliasOf }) =>
      aliasOf === null ? [] : [[`${type} ${id}`, aliasOf] as const],
    ),
  );
  return keys.map(({ type, id }) => ({ type, id: aliases.get(`${type} ${id}`) ?? id }));
}
