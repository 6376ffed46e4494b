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
import type { PullRequest } from './engine.ts';
import type { Store } from './ports.ts';

export interface Position {
  readonly positions: Readonly<Record<string, number>>;
  readonly dropping: NonNullable<CursorState['dropping']>;
  /** Rows of the run that the cursor belongs to; null: a new run. */
  readonly total: number | null;
  /** Set when only a moment is known, and positions must be found for it. */
  readonly moment: number | null;
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
  fullResync,
});

export async function readPosition(store: Store, request: PullRequest): Promise<Reading> {
  if (request.cursor !== null) return fromCursor(store, request, request.cursor);
  return { ok: true, position: await fromMoment(store, request) };
}

/** How far a device has read without any filter, by its last page; null where nobody knows. */
export async function lastPositions(
  store: Store,
  reader: { readonly userId: string; readonly device: string; readonly domain: string },
): Promise<CursorState['positions'] | null> {
  const filter = filterOf({ domain: reader.domain, types: null, priority: null });
  const last = await store.bookmark(reader.userId, `last ${reader.device} ${filter}`);
  const state = last?.state as CursorState | undefined;
  return state?.epoch === store.epoch ? state.positions : null;
}

const filterOf = (request: Pick<PullRequest, 'domain' | 'types' | 'priority'>): string =>
  filterHash({
    domain: request.domain,
    types: request.types === null ? null : [...request.types].sort(),
    priority: request.priority ?? 0,
  });

const isFiltered = ({ types, priority }: PullRequest): boolean => types !== null || (priority ?? 0) > 0;

async function fromCursor(store: Store, request: PullRequest, token: string): Promise<Reading> {
  const reading = readCursor(token, keysOf(store));
  if (!reading.ok) return reading;
  const state = await unfold(store, request, reading.state);
  if (!state) return { ok: true, position: start(true) };
  const check = checkCursor(state, {
    user: request.actor.userId,
    epoch: store.epoch,
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
  fullResync: false,
});

async function fromMoment(store: Store, request: PullRequest): Promise<Position> {
  const { actor, since } = request;
  if (since <= 0) return start(false);
  const filter = filterOf(request);
  const exact = await store.bookmark(actor.userId, `at ${since} ${filter}`);
  if (exact) return fromBookmark(store, exact.state as CursorState);
  const given = await store.bookmark(actor.userId, `at ${since}`);
  if (given) {
    const device = request.device ?? (given.state as GivenMoment).device;
    const last = device === null ? null : await store.bookmark(actor.userId, `last ${device} ${filter}`);
    return last ? fromBookmark(store, last.state as CursorState) : start(false);
  }
  return { ...start(false), moment: since - LIMITS.timestampOverlapMs };
}

/**
 * Kept under a moment that says nothing of how far its device has read: the answer to a push, or to a page with some
 * filter. Whoever comes with it stands where its last page of the same filter left it. null: nobody knows whose it is.
 */
export interface GivenMoment {
  readonly device: string | null;
}

const fromBookmark = (store: Store, state: CursorState): Position =>
  state.epoch === store.epoch ? positionOf(state) : start(true);

/** Keeps the position under the page's moment and signs it as a cursor; one with very many scopes stays on the server. */
export async function savePosition(
  store: Store,
  request: PullRequest,
  read: CursorState,
  moment: number,
): Promise<string> {
  const state: CursorState = { ...read, filter: filterOf(request) };
  const { userId } = request.actor;
  // A moment stands for a finished page run or a part of one: going on from it repeats nothing and skips nothing.
  const { total: _total, ...position } = state;
  await store.saveBookmark({ userId, key: `at ${moment} ${state.filter}`, state: position });
  if (isFiltered(request)) {
    const given: GivenMoment = { device: request.device };
    await store.saveBookmark({ userId, key: `at ${moment}`, state: given });
  }
  if (request.device !== null)
    await store.saveBookmark({ userId, key: `last ${request.device} ${state.filter}`, state: position });
  if (cursorBytes(state) <= LIMITS.cursorInlineBytesMax) return signCursor(state, keysOf(store));
  const id = randomUUID();
  await store.saveBookmark({ userId, key: `cursor ${id}`, state });
  return signCursor({ ...state, positions: {}, extra: id }, keysOf(store));
}

/** The state behind a cursor; null when the server has forgotten it. */
async function unfold(store: Store, request: PullRequest, state: CursorState): Promise<CursorState | null> {
  if (typeof state.extra !== 'string' || state.user !== request.actor.userId) return state;
  const kept = await store.bookmark(request.actor.userId, `cursor ${state.extra}`);
  return (kept?.state as CursorState | undefined) ?? null;
}

const keysOf = (store: Store) => store.cursorKeys.map((secret) => ({ secret }));
