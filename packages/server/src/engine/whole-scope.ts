/**
 * All of a scope from one moment, in pages that are handed over as they are read, so that its size costs time and no
 * memory; and the changes of a scope page by page, under a cursor.
 */
import {
  type ErrorCode,
  errorText,
  filterHash,
  LIMITS,
  type RecordState,
  type Registry,
  readCursor,
  signCursor,
} from '@ackord/core';
import { cursorKeysOf } from './cursor-keys.ts';
import type { CallError, CallResult } from './engine.ts';
import { type MovedRecord, readNews } from './news.ts';
import type { Snapshot, Store } from './ports.ts';
import { scopesOfUser } from './reads.ts';
import type { Actor } from './submission.ts';

export interface WholeScopeRequest {
  readonly actor: Actor;
  readonly domain: string;
  readonly scope: string;
  /** Live records and tombstones, in order of seq. */
  readonly onPage: (records: readonly RecordState[]) => void;
}

const refuse = (code: ErrorCode): CallError => ({ ok: false, code, message: errorText(code) });

const typesOf = (registry: Registry, domain: string): string[] =>
  registry.domain(domain).synced.map(({ key }) => key);

const maySee = async (snapshot: Snapshot, actor: Actor, scope: string): Promise<boolean> =>
  (await scopesOfUser(snapshot, actor.userId)).has(scope);

/** Resolves with the seq that was read up to. */
export function readWholeScope(
  store: Store,
  registry: Registry,
  { actor, domain, scope, onPage }: WholeScopeRequest,
): Promise<CallResult<{ readonly head: number }>> {
  return store.snapshot(async (snapshot) => {
    if (!(await maySee(snapshot, actor, scope))) return refuse('FORBIDDEN');
    const [state] = await snapshot.scopes([scope]);
    if (!state || state.closedAt !== null) return { ok: true, head: state?.head ?? 0 };
    const query = { types: typesOf(registry, domain), priority: 0 as const, limit: LIMITS.pageRowsMax };
    let after = 0;
    for (;;) {
      const { rows } = await snapshot.feed({
        ...query,
        scopes: [{ scope, after, upTo: state.head, createdUntil: null }],
      });
      onPage(rows);
      const last = rows.at(-1);
      if (!last || rows.length < query.limit) return { ok: true, head: state.head };
      after = last.seq;
    }
  });
}

export interface ScopeChangesRequest {
  readonly actor: Actor;
  readonly domain: string;
  readonly scope: string;
  /** null: from the beginning. */
  readonly cursor: string | null;
  /** Records at most, 1 … LIMITS.pageRowsMax. */
  readonly limit: number;
}

export interface ScopeChanges {
  readonly moved: readonly MovedRecord[];
  readonly cursor: string;
  readonly hasMore: boolean;
  /** The cursor was useless, or there was none: this begins anew, and what the caller has is to be dropped. */
  readonly fullResync: boolean;
}

/** Refuses cursors of others (CURSOR_FOREIGN), of other scopes (CURSOR_FILTER_CHANGED) and what is none. */
export function readScopeChanges(
  store: Store,
  registry: Registry,
  { actor, domain, scope, cursor, limit }: ScopeChangesRequest,
): Promise<CallResult<{ readonly changes: ScopeChanges }>> {
  const keys = cursorKeysOf(store);
  const filter = filterHash({ changesOf: scope, domain });
  return store.snapshot(async (snapshot) => {
    if (!(await maySee(snapshot, actor, scope))) return refuse('FORBIDDEN');
    let after = 0;
    let fullResync = cursor === null;
    if (cursor !== null) {
      const reading = readCursor(cursor, keys);
      if (!reading.ok) return refuse(reading.code);
      const { user, epoch, filter: its, positions } = reading.state;
      if (user !== actor.userId) return refuse('CURSOR_FOREIGN');
      if (its !== filter) return refuse('CURSOR_FILTER_CHANGED');
      const [state] = await snapshot.scopes([scope]);
      after = positions[scope] ?? 0;
      // History before it is trimmed, or it is of another life of the database.
      const isStale = after > (state?.head ?? 0) || (after > 0 && after < (state?.horizon ?? 0));
      if (isStale || epoch !== store.epoch) {
        after = 0;
        fullResync = true;
      }
    }
    const [news] = await readNews(snapshot, [{ scope, after }], typesOf(registry, domain), limit);
    const to = news?.to ?? after;
    const state = { user: actor.userId, epoch: store.epoch, filter, positions: { [scope]: to } };
    return {
      ok: true,
      changes: {
        moved: news?.moved ?? [],
        cursor: signCursor(state, keys),
        hasMore: news !== undefined && news.to < news.head,
        fullResync,
      },
    };
  });
}
