/**
 * Rung 4: in which scopes does a change lie? The first guess is remembered, or read outside of any transaction, and says
 * which lanes to wait in; rung 9 finds the same answer once more on the locked rows, and sends the unit back if it was
 * wrong.
 *
 * Rung 5 is part of the guess: a scope in which the caller has no role, as far as that is known of late, is never put into
 * a lane for it. Such a change is decided in the caller's own scope, where it meets the same answer as an unknown id.
 */
import { type EntityType, type Registry, type Role, roleReaches, tenantOf } from '@ackord/core';
import type { PlaceReader } from './place-reader.ts';
import type { Location, Placement, PlaceRequest, RecordKey } from './ports.ts';
import { type ChangeTask, type ResolutionSubject, recordKey } from './unit.ts';

export const userScope = (user: string): string => `user:${user}`;

/**
 * The scopes that are an actor's own. Some callers have no user: whoever is let into a tenant without one acts under the
 * name of its scope. No user has such an id.
 */
export const ownScopes = (actor: string): readonly string[] =>
  isTenantScope(actor) ? [userScope(actor), actor] : [userScope(actor)];

const TENANT_SCOPE = 'tenant:';

export const isTenantScope = (scope: string): boolean => scope.startsWith(TENANT_SCOPE);

export const tenantScope = (tenant: string): string => `${TENANT_SCOPE}${tenant}`;

/** The scope of a record that lives in a tenant: its id names that. */
export const scopeOfTenantRecord = (id: string): string => tenantScope(tenantOf(id) ?? '');

/** The scope whose root a record of the type would be. */
export const rootScope = (type: EntityType, id: string): string | null =>
  typeof type.scope === 'object' ? `${type.scope.root}:${id}` : null;

/** The record that a scope hangs on: `trip:<id>` → the trip. null for scopes of users. */
export function rootOfScope(registry: Registry, scope: string): RecordKey | null {
  const colon = scope.indexOf(':');
  const prefix = scope.slice(0, colon);
  for (const type of registry.types.values()) {
    if (typeof type.scope === 'object' && type.scope.root === prefix)
      return { type: type.key, id: scope.slice(colon + 1) };
  }
  return null;
}

export interface Guess {
  readonly scopesOf: (task: ChangeTask) => Set<string>;
  readonly placement: Placement;
  /** Scopes in which something named lies, and the caller has no role. */
  readonly closed: readonly string[];
  /** Some change names a parent that is neither known nor made in the same submission. */
  readonly missesParents: boolean;
  /** Nothing was read for it: whether anything of the caller's waits is to be read with the batch. */
  readonly isRemembered: boolean;
}

export interface Placing {
  /** Others to tell the caller's role in. */
  readonly scopes?: readonly string[];
  /** Reads everything anew, and looks also for the ids of new records, which are mostly nobody's. */
  readonly thorough?: boolean;
  /** false: reads, whatever is known. */
  readonly mayRecall?: boolean;
}

/** Guesses for the changes of one submission: from what is known of late, or else with one read. */
export async function place(
  places: PlaceReader,
  registry: Registry,
  actor: string,
  tasks: readonly ChangeTask[],
  { scopes = [], thorough = false, mayRecall = !thorough }: Placing = {},
): Promise<Guess> {
  const creates = new Map<string, ChangeTask>();
  for (const task of tasks)
    if (task.change.operation === 'CREATE') creates.set(recordKey(task.change.type, task.change.id), task);
  const keys = new Map<string, RecordKey>();
  const tenants = new Set<string>();
  for (const task of tasks) {
    const { change } = task;
    const type = registry.type(change.type);
    if (type.scope === 'tenant') {
      tenants.add(scopeOfTenantRecord(change.id));
      continue;
    }
    // A root that is made makes its scope: it must be nobody's yet.
    if (thorough || change.operation !== 'CREATE' || rootScope(type, change.id) !== null)
      keys.set(recordKey(change.type, change.id), { type: change.type, id: change.id });
    const parent = parentOf(type, task);
    if (parent && (thorough || !creates.has(recordKey(parent.type, parent.id))))
      keys.set(recordKey(parent.type, parent.id), parent);
  }
  const own = new Set(ownScopes(actor));
  const request = { userId: actor, keys: [...keys.values()], scopes: [...scopes, ...tenants] };
  // Nothing that lives in a tenant ever waits.
  const mayWait = tasks.some(({ change }) => registry.type(change.type).scope !== 'tenant');
  const isResumed = tasks.some(({ resumes }) => resumes !== null);
  const known = mayRecall && !isResumed ? places.recall(request, { own, mayWait }) : null;
  const placement = known
    ? { now: places.now(), locations: known, memberships: [], waiting: [], hasWaiting: false }
    : await read(places, request, creates);
  const locations = new Map(
    placement.locations.map((location) => [recordKey(location.type, location.id), location]),
  );
  const roles = new Map<string, Role>(
    placement.memberships.filter((one) => one.revokedAt === null).map((one) => [one.scope, one.role]),
  );
  const mine = userScope(actor);
  const mayEnter = (scope: string): boolean =>
    known !== null || own.has(scope) || roleReaches(roles.get(scope) ?? null, 'VIEWER');

  const facts: Facts = { registry, locations, creates, wanted: new Map() };
  const scopesOf = (task: ChangeTask): Set<string> => {
    const wanted = wantedScopes(facts, task, 0);
    const allowed = [...wanted.existing].filter(mayEnter);
    // A root that is being made is nobody's yet: its scope is free to enter.
    return new Set([...allowed, ...wanted.fresh].length > 0 ? [...allowed, ...wanted.fresh] : [mine]);
  };
  const missesParents = tasks.some((task) => {
    const parent = parentOf(registry.type(task.change.type), task);
    const key = parent && recordKey(parent.type, parent.id);
    return key !== null && !creates.has(key) && !locations.has(key);
  });
  const named = [...placement.locations.map(({ scope }) => scope), ...tenants];
  const closed = named.filter((scope) => !mayEnter(scope));
  return { scopesOf, placement, closed, missesParents, isRemembered: known !== null && mayWait };
}

/** Seldom does anything wait, so the ids of new records are looked for among what waits in a read of its own. */
async function read(
  places: PlaceReader,
  request: PlaceRequest,
  creates: ReadonlyMap<string, ChangeTask>,
): Promise<Placement> {
  const placement = await places.read(request);
  if (!placement.hasWaiting) return placement;
  const asked = new Set(request.keys.map(({ type, id }) => recordKey(type, id)));
  const made = [...creates.values()].map(({ change: { type, id } }) => ({ type, id }));
  const keys = made.filter(({ type, id }) => !asked.has(recordKey(type, id)));
  if (keys.length === 0) return placement;
  const more = await places.read({ userId: request.userId, keys, scopes: [] });
  return { ...placement, waiting: [...placement.waiting, ...more.waiting] };
}

interface Wanted {
  readonly existing: Set<string>;
  readonly fresh: Set<string>;
}

/** What the guesses for one submission are made from. */
interface Facts {
  readonly registry: Registry;
  readonly locations: ReadonlyMap<string, Location>;
  readonly creates: ReadonlyMap<string, ChangeTask>;
  /** What was found so far: hundreds of children lie where one parent does. */
  readonly wanted: Map<ChangeTask, Wanted>;
}

function wantedScopes(facts: Facts, task: ChangeTask, depth: number): Wanted {
  const found = facts.wanted.get(task);
  if (found) return found;
  const wanted = lookForScopes(facts, task, depth);
  facts.wanted.set(task, wanted);
  return wanted;
}

function lookForScopes(facts: Facts, task: ChangeTask, depth: number): Wanted {
  const { registry, locations, creates } = facts;
  const { change } = task;
  const type = registry.type(change.type);
  if (type.scope === 'tenant')
    return { existing: new Set([scopeOfTenantRecord(change.id)]), fresh: new Set() };
  const existing = new Set<string>();
  const fresh = new Set<string>();
  const include = (wanted: Wanted): void => {
    for (const scope of wanted.existing) existing.add(scope);
    for (const scope of wanted.fresh) fresh.add(scope);
  };
  const key = recordKey(change.type, change.id);
  const filed = locations.get(key)?.scope;
  if (filed !== undefined) existing.add(filed);
  // What is changed in the submission that makes it lies wherever it is made.
  const making = creates.get(key);
  if (filed === undefined && making && making !== task) include(wantedScopes(facts, making, depth + 1));
  const root = rootScope(type, change.id);
  if (root !== null) (change.operation === 'CREATE' && filed === undefined ? fresh : existing).add(root);
  // What waits is kept in its writer's own scope: only whoever holds that may end the wait.
  if (task.resumes !== null || (type.scope === 'user' && filed === undefined))
    existing.add(userScope(task.call.actor));
  const parent = parentOf(type, task);
  if (parent) {
    const parentKey = recordKey(parent.type, parent.id);
    const parentTask = creates.get(parentKey);
    const parentScope = locations.get(parentKey)?.scope;
    if (parentScope !== undefined) existing.add(parentScope);
    else if (parentTask && depth < 16) include(wantedScopes(facts, parentTask, depth + 1));
  }
  return { existing, fresh };
}

/** The hard parents that a record may get by a decision on a conflict. */
export function parentsOf(registry: Registry, { type, candidates }: ResolutionSubject): RecordKey[] {
  const { owner } = registry.type(type);
  return candidates.flatMap((fields) => {
    const id = owner ? fields[owner.field] : null;
    return owner && typeof id === 'string' ? [{ type: owner.type, id }] : [];
  });
}

/** The hard parent that a change names. */
export function parentOf(type: EntityType, task: ChangeTask): RecordKey | null {
  const id = type.owner ? task.change.fields[type.owner.field] : undefined;
  return type.owner && typeof id === 'string' ? { type: type.owner.type, id } : null;
}
