/**
 * A page of the feed: what has happened in the caller's scopes since its cursor, read from one moment. Gained scopes
 * arrive whole, lost ones leave; the cursor that comes back says how far every scope has been read.
 */
import {
  type CursorState,
  errorText,
  LIMITS,
  type RecordState,
  type Registry,
  type Role,
} from '@ackord/core';
import { type ConflictView, shownTo } from './conflict-view.ts';
import type { CallResult, Page, PullRequest } from './engine.ts';
import { type Drop, dropKeys, lostScopes } from './lost-scopes.ts';
import { splitByScope } from './one-scope.ts';
import type { FeedQuery, FeedScope, RecordKey, ScopeState, Snapshot, Store } from './ports.ts';
import { type Position, readPosition, savePosition } from './positions.ts';
import { scopesOfUser } from './reads.ts';

export async function pull(
  store: Store,
  registry: Registry,
  request: PullRequest,
): Promise<CallResult<{ readonly page: Page }>> {
  const from = await readPosition(store, request);
  if (!from.ok) return { ok: false, code: from.code, message: errorText(from.code) };
  const read = await store.snapshot((snapshot) =>
    readPage(snapshot, store, registry, request, from.position),
  );
  const cursor = await savePosition(store, request, read.state, read.page.serverTime);
  return { ok: true, page: { ...read.page, cursor, positions: read.state.positions } };
}

interface Read {
  readonly page: Omit<Page, 'cursor' | 'positions'>;
  readonly state: CursorState;
}

async function readPage(
  snapshot: Snapshot,
  store: Store,
  registry: Registry,
  request: PullRequest,
  from: Position,
): Promise<Read> {
  const roles = await scopesOfUser(snapshot, request.actor.userId);
  const memberships = await snapshot.memberships(request.actor.userId);
  const known = await snapshot.scopes([
    ...new Set([...roles.keys(), ...Object.keys(from.positions), ...Object.keys(from.dropping)]),
  ]);
  const scopes = new Map(known.map((scope) => [scope.id, scope]));
  for (const [id, scope] of scopes) if (scope.closedAt !== null) roles.delete(id);

  const start =
    from.moment === null
      ? withSeen(from.positions, roles, request.live?.seen)
      : await positionsAt(snapshot, scopes, roles, memberships, notAhead(from.moment, snapshot.now));
  const resync = isUseless(start, scopes);
  const positions = resync ? {} : start;
  const stand = resync ? { positions, dropping: {} } : { positions, dropping: from.dropping };
  const { asked, left } = splitByScope(stand, request.scope);
  const lost = lostScopes(asked, roles, scopes, memberships);
  const drops = request.live ? [] : lost;

  const query = queryOf(registry, request, feedScopes(positions, roles, scopes, request.scope));
  const { rows, ancestors } = await snapshot.feed(query);
  const room = request.limit - rows.length;
  const dropped = room > 0 ? await dropKeys(snapshot, drops, roles, room) : { keys: [], drops };
  const hasMore = rows.length === request.limit || dropped.drops.length > 0;
  const total =
    from.total ??
    (hasMore ? await snapshot.count(query, LIMITS.countedRowsMax) : rows.length) + dropped.keys.length;

  const conflicts = hasMore ? [] : await openConflicts(snapshot, registry, request, roles);
  return {
    page: {
      records: await withoutMovedElsewhere(snapshot, [...ancestors, ...rows], roles),
      dropped: dropped.keys,
      droppedScopes: lost.filter((drop) => !dropped.drops.includes(drop)).map((drop) => drop.scope),
      roles,
      hasMore,
      consistent: !hasMore,
      total,
      serverTime: Math.max(snapshot.now, from.given + 1),
      fullResync: resync || from.fullResync,
      conflicts,
    },
    state: withLeft(left, stateOf(store, request, query, rows, dropped.drops, hasMore ? total : null)),
  };
}

/**
 * What a replica says that it was told, it says unsigned. It may skip what is its own to see; of other scopes, which it
 * could only have been told of by this server, the cursor knows.
 */
function withSeen(
  positions: Readonly<Record<string, number>>,
  roles: ReadonlyMap<string, Role>,
  seen: Readonly<Record<string, number>> = {},
): Readonly<Record<string, number>> {
  const known = Object.entries(seen).filter(([scope]) => roles.has(scope) || Object.hasOwn(positions, scope));
  if (known.length === 0) return positions;
  const further = known.map(([scope, seq]) => [scope, Math.max(seq, positions[scope] ?? 0)] as const);
  return { ...positions, ...Object.fromEntries(further) };
}

/** Clocks that run ahead say nothing of what their device has read. */
const notAhead = (moment: number, now: number): number => Math.min(moment, now - LIMITS.timestampOverlapMs);

/** A caller that only knows a moment: it has seen what was committed before it, and nothing of scopes gained since. */
async function positionsAt(
  snapshot: Snapshot,
  scopes: ReadonlyMap<string, ScopeState>,
  roles: ReadonlyMap<string, Role>,
  memberships: readonly { scope: string; grantedAt: number; revokedAt: number | null }[],
  moment: number,
): Promise<Record<string, number>> {
  const gained = new Set(memberships.filter((one) => one.grantedAt > moment).map((one) => one.scope));
  const lost = memberships.filter(
    (one) => one.revokedAt !== null && one.revokedAt > moment && one.grantedAt <= moment,
  );
  const seen = [...roles.keys()].filter(
    (scope) => !gained.has(scope) && (scopes.get(scope)?.createdAt ?? Infinity) <= moment,
  );
  const seqs = seen.length > 0 ? await snapshot.seqsAt(seen, moment) : new Map<string, number>();
  return { ...Object.fromEntries(seqs), ...Object.fromEntries(lost.map((one) => [one.scope, 1])) };
}

/** History before the position is trimmed, or the position is ahead of what the server has (a restored backup). */
function isUseless(
  positions: Readonly<Record<string, number>>,
  scopes: ReadonlyMap<string, ScopeState>,
): boolean {
  return Object.entries(positions).some(([id, position]) => {
    const scope = scopes.get(id);
    return scope ? position > scope.head || (position > 0 && position < scope.horizon) : position > 0;
  });
}

function feedScopes(
  positions: Readonly<Record<string, number>>,
  roles: ReadonlyMap<string, Role>,
  scopes: ReadonlyMap<string, ScopeState>,
  only: string | null = null,
): FeedScope[] {
  const mine = [...roles.keys()].filter((scope) => only === null || scope === only);
  return mine.map((scope) => ({
    scope,
    after: positions[scope] ?? 0,
    upTo: scopes.get(scope)?.head ?? 0,
    createdUntil: null,
  }));
}

function queryOf(registry: Registry, request: PullRequest, scopes: readonly FeedScope[]): FeedQuery {
  const domain = registry.domain(request.domain);
  const types = request.types ?? domain.synced.map((type) => type.name);
  return {
    scopes,
    types: types.map((name) => `${domain.name}.${name}`),
    priority: request.priority ?? 0,
    limit: request.limit,
  };
}

/** Where the page has got to: scopes before the one that it was cut in are read to their heads. */
function stateOf(
  store: Store,
  request: PullRequest,
  query: FeedQuery,
  rows: readonly RecordState[],
  drops: readonly Drop[],
  total: number | null,
): CursorState {
  const last = rows.length === query.limit ? rows.at(-1) : undefined;
  const positions: Record<string, number> = {};
  let cut = false;
  for (const { scope, after, upTo } of query.scopes) {
    if (cut) positions[scope] = after;
    else if (last && scope === last.scope) {
      positions[scope] = last.seq;
      cut = true;
    } else positions[scope] = upTo;
    if (positions[scope] === 0) delete positions[scope];
  }
  return {
    user: request.actor.userId,
    epoch: store.epoch,
    filter: '',
    positions,
    ...(drops.length > 0 && {
      dropping: Object.fromEntries(
        drops.map(({ scope, upTo, position, until }) => [scope, { upTo, position, until }]),
      ),
    }),
    ...(total !== null && { total }),
  };
}

/** With what was not asked for. */
function withLeft(
  { positions, dropping }: Pick<Position, 'positions' | 'dropping'>,
  state: CursorState,
): CursorState {
  const drops = { ...dropping, ...state.dropping };
  return {
    ...state,
    positions: { ...positions, ...state.positions },
    ...(Object.keys(drops).length > 0 && { dropping: drops }),
  };
}

/** A record that moved to another scope of the caller's is not gone for it: it arrives there. */
async function withoutMovedElsewhere(
  snapshot: Snapshot,
  records: readonly RecordState[],
  roles: ReadonlyMap<string, Role>,
): Promise<RecordState[]> {
  const moved: RecordKey[] = records.filter((record) => record.tombstone?.kind === 'moved');
  if (moved.length === 0) return [...records];
  const locations = await snapshot.locations(moved);
  const visible = new Set(
    locations.filter(({ scope }) => roles.has(scope)).map(({ type, id }) => `${type} ${id}`),
  );
  return records.filter(
    (record) => record.tombstone?.kind !== 'moved' || !visible.has(`${record.type} ${record.id}`),
  );
}

async function openConflicts(
  snapshot: Snapshot,
  registry: Registry,
  request: PullRequest,
  roles: ReadonlyMap<string, Role>,
): Promise<readonly ConflictView[]> {
  const { scope: only = null } = request;
  const found = await snapshot.conflicts({
    scopes: [...roles.keys()].filter((scope) => only === null || scope === only),
    id: null,
    actor: request.actor.userId,
    types: registry.domain(request.domain).synced.map(({ key }) => key),
    openOnly: true,
    limit: LIMITS.conflictsMax,
  });
  return found.map((conflict) => shownTo(request.actor.userId, conflict));
}
