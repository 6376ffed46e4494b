/**
 * What has happened in a scope since a position: the latest state of each record that moved, with what the log says of
 * the way there. Rung 13 reads by it, whoever follows a scope.
 */
import { errorText, LIMITS, type RecordState, type Registry } from '@ackord/core';
import type { Announcement, CommitNews } from './announcement.ts';
import type { CallResult } from './engine.ts';
import { groupBy } from './group-by.ts';
import type { ReadLine, ScopeState, Snapshot, Store } from './ports.ts';
import { scopesOfUser } from './reads.ts';
import type { Actor } from './submission.ts';

export interface MovedRecord {
  readonly record: RecordState;
  /** The lines about it, in order; none where history was trimmed. */
  readonly lines: readonly ReadLine[];
}

export interface News {
  readonly scope: string;
  /** The position that it goes on from. */
  readonly from: number;
  /** The position that it reaches. */
  readonly to: number;
  /** The scope's newest seq: what lies between is read next. */
  readonly head: number;
  /** In order of seq. */
  readonly moved: readonly MovedRecord[];
  /** Somebody was given a role or lost one. */
  readonly accessMoved: boolean;
  readonly closed: boolean;
}

export interface Place {
  readonly scope: string;
  readonly after: number;
}

/** `types`: keys of the entity types that are told of. Scopes in which nothing has happened are left out. */
export async function readNews(
  snapshot: Snapshot,
  places: readonly Place[],
  types: readonly string[],
  limit: number = LIMITS.newsRecordsMax,
): Promise<readonly News[]> {
  const scopes = new Map(
    (await snapshot.scopes(places.map(({ scope }) => scope))).map((scope) => [scope.id, scope]),
  );
  const moving = places.flatMap((place) => {
    const scope = scopes.get(place.scope);
    return scope && scope.head > place.after ? [{ place, scope }] : [];
  });
  const news: News[] = [];
  // Mostly all of it fits; what does not is read in further goes.
  for (let at = 0; at < moving.length; at += SCOPES_AT_ONCE)
    news.push(...(await readSome(snapshot, moving.slice(at, at + SCOPES_AT_ONCE), types, limit)));
  return news;
}

const SCOPES_AT_ONCE = 200;

type Moving = { readonly place: Place; readonly scope: ScopeState };

async function readSome(
  snapshot: Snapshot,
  moving: readonly Moving[],
  types: readonly string[],
  limit: number,
): Promise<News[]> {
  const parts = moving.map(({ place, scope }) => ({ ...place, upTo: scope.head, createdUntil: null }));
  const [{ rows }, lines] = await Promise.all([
    snapshot.feed({ scopes: parts, types, priority: 0, limit }),
    snapshot.lines(parts, limit),
  ]);
  const rowsByScope = groupBy(rows, ({ scope }) => scope);
  const linesByScope = groupBy(lines, ({ scope }) => scope);
  const isCut = rows.length === limit;
  const last = rows.at(-1)?.scope;
  const news: News[] = [];
  for (const { place, scope } of moving) {
    const mine = rowsByScope.get(place.scope) ?? [];
    const log = linesByScope.get(place.scope) ?? [];
    // The page was cut in this scope: the others behind it come with the next one.
    const cutHere = isCut && place.scope === last;
    const to = cutHere ? (mine.at(-1)?.seq ?? place.after) : scope.head;
    news.push(newsOf(place, scope, to, mine, log));
    if (cutHere) break;
  }
  return news;
}

function newsOf(
  place: Place,
  scope: ScopeState,
  to: number,
  records: readonly RecordState[],
  lines: readonly ReadLine[],
): News {
  const byRecord = groupBy(lines, ({ type, id }) => `${type} ${id}`);
  return {
    scope: place.scope,
    from: place.after,
    to,
    head: scope.head,
    moved: records.map((record) => ({
      record,
      lines: byRecord.get(`${record.type} ${record.id}`) ?? [],
    })),
    accessMoved: lines.some(isAboutAccess),
    closed: scope.closedAt !== null,
  };
}

const isAboutAccess = ({ operation }: ReadLine): boolean => operation === 'GRANT' || operation === 'REVOKE';

/** From what came with an announcement: the same as a read would have given. */
export function newsOfCommit(
  { scope, head }: Announcement,
  { from, records, lines, closed }: CommitNews,
  types: ReadonlySet<string>,
): News {
  const byRecord = groupBy(lines, ({ type, id }) => `${type} ${id}`);
  return {
    scope,
    from,
    to: head,
    head,
    moved: records
      .filter(({ type }) => types.has(type))
      .map((record) => ({ record, lines: byRecord.get(`${record.type} ${record.id}`) ?? [] })),
    accessMoved: lines.some(isAboutAccess),
    closed,
  };
}

/** For a caller that reads by itself. */
export function newsFor(
  store: Store,
  registry: Registry,
  actor: Actor,
  domain: string,
  place: Place,
): Promise<CallResult<{ readonly news: News | null }>> {
  const types = registry.domain(domain).synced.map(({ key }) => key);
  return store.snapshot(async (snapshot) => {
    const mine = await scopesOfUser(snapshot, actor.userId);
    if (!mine.has(place.scope)) return { ok: false, code: 'FORBIDDEN', message: errorText('FORBIDDEN') };
    const [news = null] = await readNews(snapshot, [place], types);
    return { ok: true, news };
  });
}

export function readLastCommit(store: Store, actor: Actor, scope: string): Promise<number | null> {
  return store.snapshot(async (snapshot) => {
    if (!(await scopesOfUser(snapshot, actor.userId)).has(scope)) return null;
    const [state] = await snapshot.scopes([scope]);
    if (!state || state.head === 0) return null;
    const [line] = await snapshot.lines([{ scope, after: state.head - 1, upTo: state.head }], 1);
    return line?.at ?? null;
  });
}
