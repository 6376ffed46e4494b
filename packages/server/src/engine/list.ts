/** Lists of live records of one type, through the caller's scopes, in the order in which they were made. */
import { type EntityType, errorText, type RecordState, type Registry } from '@ackord/core';
import type { CallError, CallResult, ListRequest } from './engine.ts';
import { inOrderOfMaking } from './order-of-making.ts';
import { rootOfScope, userScope } from './place.ts';
import type { ListQuery, Snapshot, Store } from './ports.ts';
import { openAmong, scopesOfUser } from './reads.ts';

type Found = CallResult<{ readonly records: readonly RecordState[] }>;

const refuse = (code: CallError['code'], detail?: string): CallError => ({
  ok: false,
  code,
  message: errorText(code, detail),
});

export function listRecords(store: Store, registry: Registry, request: ListRequest): Promise<Found> {
  const { actor, owner, contains, limit } = request;
  const type = registry.type(request.type);
  return store.snapshot(async (snapshot): Promise<Found> => {
    const roles = await scopesOfUser(snapshot, actor.userId);
    const scopes = [...(await openAmong(snapshot, [...roles.keys()]))];
    const [after = null] =
      request.after === null ? [] : await snapshot.records(scopes, [{ type: type.key, id: request.after }]);
    if (request.after !== null && !after)
      return refuse('BAD_USER_INPUT', 'after must be the id of a record of the list.');
    if (typeof type.scope === 'object')
      return { ok: true, records: await roots(snapshot, registry, scopes, after, limit) };
    const places =
      owner === null
        ? placesOf(registry, type, scopes, userScope(actor.userId))
        : await placeUnder(snapshot, type, owner, scopes);
    if (places === null) return refuse('FORBIDDEN');
    const query = { places, type: type.key, contains, after, limit };
    return { ok: true, records: places.length === 0 ? [] : await snapshot.list(query) };
  });
}

/** A root lies in the scope that it makes, so its id is known beforehand. */
async function roots(
  snapshot: Snapshot,
  registry: Registry,
  scopes: readonly string[],
  after: RecordState | null,
  limit: number,
): Promise<readonly RecordState[]> {
  const keys = scopes.flatMap((scope) => rootOfScope(registry, scope) ?? []);
  const found = keys.length > 0 ? await snapshot.records(scopes, keys) : [];
  return found
    .filter((root) => root.tombstone === null && (after === null || inOrderOfMaking(after, root) < 0))
    .sort(inOrderOfMaking)
    .slice(0, limit);
}

/** Where records of the type can lie: with the root of a scope that owns them, or anywhere in one. */
function placesOf(
  registry: Registry,
  type: EntityType,
  scopes: readonly string[],
  mine: string,
): ListQuery['places'] {
  if (type.scope === 'user') return [{ scope: mine, owner: null }];
  return scopes.flatMap((scope) => {
    const root = rootOfScope(registry, scope);
    if (root === null) return [];
    return [{ scope, owner: type.owner?.type === root.type ? root.id : null }];
  });
}

/** null: there is no such owner for this caller. */
async function placeUnder(
  snapshot: Snapshot,
  type: EntityType,
  owner: string,
  scopes: readonly string[],
): Promise<ListQuery['places'] | null> {
  const ownerType = type.owner?.type;
  if (ownerType === undefined) return null;
  const [found] = await snapshot.records(scopes, [{ type: ownerType, id: owner }]);
  return found?.tombstone === null ? [{ scope: found.scope, owner }] : null;
}
