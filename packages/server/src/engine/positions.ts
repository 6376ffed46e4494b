/**
 * Where a caller stands in the feed: from its cursor, or from a moment that this server once gave to it. Moments that
 * were given out are kept as bookmarks and are exact; any other one gets an overlap that is longer than a commit can
 * take, so that nothing is missed.
 */
import { randomUUID } from 'node:crypto';
import {
  type CursorState,
  checkCursor,
  cursorBytes,
  type ErrorCode,
  filterHash,
  LIMITS,
  readCursor,
  signCursor,
} from '@ackord/core';
import { cursorKeysOf } from './cursor-keys.ts';
import type { PullRequest } from './engine.ts';
import type { PageReads } from './page-reads.ts';
import type { Bookmark } from './ports.ts';

export interface Position {
  readonly positions: Readonly<Record<string, number>>;
  readonly dropping: NonNullable<CursorState['dropping']>;
  /** Rows of the run that the cursor belongs to; null: a new run. */
  readonly total: number | null;
  /** Set when only a moment is known, and positions must be found for it. */
  readonly moment: number | null;
  /** The latest moment that the caller is known to have been given: that of its next page is later. 0: none is. */
  readonly given: number;
  readonly fullResync: boolean;
}

type Reading =
  | { readonly ok: true; readonly position: Position }
  | { readonly ok: false; readonly code: ErrorCode };

const start = (fullResync: boolean): Position => ({
  positions: {},
  dropping: {},
  total: null,
  moment: null,
  given: 0,
  fullResync,
});

export async function readPosition(reads: PageReads, request: PullRequest): Promise<Reading> {
  if (request.cursor !== null) return fromCursor(reads, request, request.cursor);
  return { ok: true, position: await fromMoment(reads, request) };
}

/** A device's last page: the moment that it was given, and how far it reached. */
export interface LastPage {
  readonly at: number;
  readonly state: CursorState;
}

/** The last page of a device without any filter; null where nobody knows. */
export async function lastRead(
  reads: PageReads,
  reader: { readonly userId: string; readonly device: string | null; readonly domain: string },
): Promise<LastPage | null> {
  if (reader.device === null) return null;
  const filter = filterOf({ domain: reader.domain, types: null, priority: null });
  return lastPage(reads, reader.userId, reader.device, filter);
}

/** Given where nothing can be looked up or kept: whoever comes with it begins anew, and is told so. */
export const NO_MOMENT = 1;

/** The moment that a push is answered with: later than that of the page which it stands for. */
export const momentAfter = (read: LastPage | null, now: number): number => Math.max(now, (read?.at ?? 0) + 1);

async function lastPage(
  reads: PageReads,
  userId: string,
  device: string,
  filter: string,
): Promise<LastPage | null> {
  const last = await reads.bookmark(userId, `last ${device} ${filter}`);
  return (last?.state as LastPage | undefined) ?? null;
}

const filterOf = (request: Pick<PullRequest, 'domain' | 'types' | 'priority'>): string =>
  filterHash({
    domain: request.domain,
    types: request.types === null ? null : [...request.types].sort(),
    priority: request.priority ?? 0,
  });

const isFiltered = ({ types, priority }: PullRequest): boolean => types !== null || (priority ?? 0) > 0;

async function fromCursor(reads: PageReads, request: PullRequest, token: string): Promise<Reading> {
  const reading = readCursor(token, cursorKeysOf(reads));
  if (!reading.ok) return reading;
  const state = await unfold(reads, request, reading.state);
  if (!state) return { ok: true, position: start(true) };
  const check = checkCursor(state, {
    user: request.actor.userId,
    epoch: reads.epoch,
    filter: filterOf(request),
  });
  if (check === 'RESYNC_REQUIRED') return { ok: true, position: start(true) };
  if (check !== 'ok') return { ok: false, code: check };
  return { ok: true, position: positionOf(state) };
}

const positionOf = (state: CursorState): Position => ({
  positions: state.positions,
  dropping: state.dropping ?? {},
  total: state.total ?? null,
  moment: null,
  given: 0,
  fullResync: false,
});

/** Kept under the moment of a page. */
interface PageMoment {
  readonly device: string | null;
  readonly state: CursorState;
}

/**
 * Kept under a moment that says nothing by itself of how far its device has read: the answer to a push, or to a page
 * with some filter. `read`: how far that was without a filter, then; later pages may have been lost or forgotten.
 */
export interface GivenMoment {
  readonly device: string | null;
  readonly read: CursorState | null;
}

async function fromMoment(reads: PageReads, request: PullRequest): Promise<Position> {
  const { actor, device, since } = request;
  const filter = filterOf(request);
  const last = device === null ? null : await lastPage(reads, actor.userId, device, filter);
  const given = Math.max(since, last?.at ?? 0);
  const stand = await standAt(reads, request, filter, last);
  switch (stand) {
    case 'unknown moment':
      return { ...start(false), given: last?.at ?? 0, moment: since - LIMITS.timestampOverlapMs };
    case 'nothing read':
    case 'forgotten':
      return { ...start(stand === 'forgotten'), given };
    default:
      return { ...fromBookmark(reads, stand), given };
  }
}

type Stand = CursorState | 'unknown moment' | 'nothing read' | 'forgotten';

/** Where the caller stood when it was given the moment that it comes with. `own`: the last page of its device. */
async function standAt(
  reads: PageReads,
  request: PullRequest,
  filter: string,
  own: LastPage | null,
): Promise<Stand> {
  const { actor, since } = request;
  if (since <= 0) return 'nothing read';
  if (since === NO_MOMENT) return 'forgotten';
  const bookmark = async <T>(key: string): Promise<T | null> =>
    ((await reads.bookmark(actor.userId, key))?.state as T | undefined) ?? null;
  // Two devices of a user may be answered in the same millisecond.
  const isMine = (device: string | null): boolean =>
    device === null || request.device === null || device === request.device;
  const page = await bookmark<PageMoment>(`at ${since} ${filter}`);
  if (page && isMine(page.device)) return page.state;
  if (page && own?.at === since) return own.state;
  if (page) {
    const theirs =
      request.sinceOfAnyDevice && page.device !== null
        ? await lastPage(reads, actor.userId, page.device, filter)
        : null;
    return theirs?.at === since ? theirs.state : 'forgotten';
  }
  const given = await bookmark<GivenMoment>(`at ${since}`);
  if (!given) return 'unknown moment';
  if (!isFiltered(request) && given.device !== null && isMine(given.device))
    return given.read ?? 'nothing read';
  const last =
    request.device === null && given.device !== null
      ? await lastPage(reads, actor.userId, given.device, filter)
      : own;
  if (!last) return 'nothing read';
  // A later page than the moment did not arrive, or its device was set back.
  return last.at <= since ? last.state : 'forgotten';
}

const fromBookmark = (reads: PageReads, state: CursorState): Position =>
  state.epoch === reads.epoch ? positionOf(state) : start(true);

/** Keeps the position under the page's moment and signs it as a cursor; one with very many scopes stays on the server. */
export async function savePosition(
  reads: PageReads,
  request: PullRequest,
  read: CursorState,
  moment: number,
): Promise<string> {
  const state: CursorState = { ...read, filter: filterOf(request) };
  const { userId } = request.actor;
  if (request.live && cursorBytes(state) <= LIMITS.cursorInlineBytesMax)
    return signCursor(state, cursorKeysOf(reads));
  // A moment stands for a finished page run or a part of one: going on from it repeats nothing and skips nothing.
  const { total: _total, ...position } = state;
  const { device } = request;
  const page: PageMoment = { device, state: position };
  const bookmarks: Bookmark[] = [{ userId, key: `at ${moment} ${state.filter}`, state: page }];
  if (isFiltered(request)) {
    const read = await lastRead(reads, { ...request, userId });
    const given: GivenMoment = { device, read: read?.state ?? null };
    bookmarks.push({ userId, key: `at ${moment}`, state: given });
  }
  if (device !== null) {
    const last: LastPage = { at: moment, state: position };
    bookmarks.push({ userId, key: `last ${device} ${state.filter}`, state: last });
  }
  const isInline = cursorBytes(state) <= LIMITS.cursorInlineBytesMax;
  const id = randomUUID();
  if (!isInline) bookmarks.push({ userId, key: `cursor ${id}`, state });
  await reads.saveBookmarks(bookmarks);
  return signCursor(isInline ? state : { ...state, positions: {}, extra: id }, cursorKeysOf(reads));
}

/** The state behind a cursor, with what it says beyond that; null when the server has forgotten it. */
async function unfold(
  reads: PageReads,
  request: PullRequest,
  state: CursorState,
): Promise<CursorState | null> {
  if (typeof state.extra !== 'string' || state.user !== request.actor.userId) return state;
  const kept = await reads.bookmark(request.actor.userId, `cursor ${state.extra}`);
  const whole = kept?.state as CursorState | undefined;
  return whole ? { ...whole, positions: { ...whole.positions, ...state.positions } } : null;
}
