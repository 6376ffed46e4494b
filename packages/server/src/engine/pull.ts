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
import { accessOf } from './access-of.ts';
import { type ConflictView, shownTo } from './conflict-view.ts';
import type { CallResult, Page, PullRequest } from './engine.ts';
import { type AskedPart, type FeedPart, partOf, withoutMovedElsewhere } from './feed-part.ts';
import { countTexts, longFirst, readTexts } from './long-parts.ts';
import { type Drop, dropKeys, lostScopes } from './lost-scopes.ts';
import { splitByScope } from './one-scope.ts';
import type { PageReads } from './page-reads.ts';
import type { CachedPages, FeedQuery, FeedScope, RecordsText, ScopeState, Snapshot } from './ports.ts';
import { type Position, readPosition, savePosition } from './positions.ts';

export const pull = (
  reads: PageReads,
  registry: Registry,
  request: PullRequest,
): Promise<Pulled<RecordState>> =>
  pullPage(reads, registry, request, {
    inOrder: (scopes) => scopes,
    count: ({ snapshot, query }) => snapshot.count(query, LIMITS.countedRowsMax),
    read: async ({ snapshot, query, roles }) =>
      partOf(await snapshot.feed(query), (records) => withoutMovedElsewhere(snapshot, records, roles)),
  });

export const pullTexts = (
  reads: PageReads,
  pages: CachedPages,
  registry: Registry,
  request: PullRequest,
): Promise<Pulled<RecordsText>> =>
  pullPage(reads, registry, request, {
    inOrder: (scopes) => longFirst(scopes, request.limit),
    count: (asked) => countTexts(pages, asked),
    read: (asked) => readTexts(pages, asked),
  });

type Pulled<R> = CallResult<{ readonly page: Page<R> }>;

interface FeedReader<R> {
  /** The order in which scopes are read. */
  inOrder(scopes: readonly FeedScope[]): readonly FeedScope[];
  read(asked: AskedPart): Promise<FeedPart<R>>;
  /** Rows of the whole run, counted up to LIMITS.countedRowsMax. */
  count(asked: AskedPart): Promise<number>;
}

async function pullPage<R>(
  reads: PageReads,
  registry: Registry,
  request: PullRequest,
  feed: FeedReader<R>,
): Promise<Pulled<R>> {
  const from = await readPosition(reads, request);
  if (!from.ok) return { ok: false, code: from.code, message: errorText(from.code) };
  const read = await reads.snapshot((snapshot) =>
    readPage(snapshot, { reads, registry, request, feed }, from.position),
  );
  const cursor = await savePosition(reads, request, read.state, read.page.serverTime);
  return { ok: true, page: { ...read.page, cursor, positions: read.state.positions } };
}

interface Read<R> {
  readonly page: Omit<Page<R>, 'cursor' | 'positions'>;
  readonly state: CursorState;
}

interface Reading<R> {
  readonly reads: PageReads;
  readonly registry: Registry;
  readonly request: PullRequest;
  readonly feed: FeedReader<R>;
}

async function readPage<R>(
  snapshot: Snapshot,
  { reads, registry, request, feed }: Reading<R>,
  from: Position,
): Promise<Read<R>> {
  const { memberships, roles, scopes } = await accessOf(snapshot, request.actor.userId, from);

  const start =
    from.moment === null
      ? withSeen(from.positions, roles, request.live?.seen)
      : await positionsAt(snapshot, scopes, roles, memberships, notAhead(from.moment, await snapshot.now()));
  const resync = isUseless(start, scopes);
  const positions = resync ? {} : start;
  const stand = resync ? { positions, dropping: {} } : { positions, dropping: from.dropping };
  const { asked: stood, left } = splitByScope(stand, request.scope);
  const lost = lostScopes(stood, roles, scopes, memberships);
  const drops = request.live ? [] : lost;

  const inOrder = feed.inOrder(feedScopes(positions, roles, scopes, request.scope));
  const query = queryOf(registry, request, inOrder);
  const asked = { snapshot, query, roles };
  const part = await feed.read(asked);
  const room = request.limit - part.rows;
  const dropped = room > 0 ? await dropKeys(snapshot, drops, roles, room) : { keys: [], drops };
  const hasMore = part.rows === request.limit || dropped.drops.length > 0;
  const total = from.total ?? (hasMore ? await feed.count(asked) : part.rows) + dropped.keys.length;

  // Who is told of changes as they come has other ways to hear of conflicts.
  const conflicts = hasMore || request.live ? [] : await openConflicts(snapshot, registry, request, roles);
  return {
    page: {
      records: part.records,
      count: part.count,
      dropped: dropped.keys,
      droppedScopes: lost.filter((drop) => !dropped.drops.includes(drop)).map((drop) => drop.scope),
      roles,
      hasMore,
      consistent: !hasMore,
      total,
      serverTime: Math.max(await snapshot.now(), from.given + 1),
      fullResync: resync || from.fullResync,
      conflicts,
    },
    state: withLeft(left, stateOf(reads, request, query, part, dropped.drops, hasMore ? total : null)),
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
    endsAtHeads: true,
  };
}

/** Where the page has got to: scopes before the one that it was cut in are read to their heads. */
function stateOf(
  reads: PageReads,
  request: PullRequest,
  query: FeedQuery,
  { rows, last }: Pick<FeedPart<unknown>, 'rows' | 'last'>,
  drops: readonly Drop[],
  total: number | null,
): CursorState {
  const end = rows === query.limit ? last : undefined;
  const positions: Record<string, number> = {};
  let cut = false;
  for (const { scope, after, upTo } of query.scopes) {
    if (cut) positions[scope] = after;
    else if (end && scope === end.scope) {
      positions[scope] = end.seq;
      cut = true;
    } else positions[scope] = upTo;
    if (positions[scope] === 0) delete positions[scope];
  }
  return {
    user: request.actor.userId,
    epoch: reads.epoch,
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
