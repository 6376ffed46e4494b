/**
 * The feed of a caller as it goes on: pages from a cursor until nothing is left, then what is committed, scope by scope,
 * as it is heard. Nothing is missed in between, for a scope is followed before it is read, and nothing comes twice, for
 * what was heard meanwhile and stands in the page is passed over.
 *
 * What is heard is handed on as it is, without a read; whatever is out of the ordinary (a role that has changed, a scope
 * that was closed, a gap, a caller who takes too long) is left to a page, which knows how to tell it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type ErrorCode, errorText, LIMITS, type Role } from '@ackord/core';
import type { Engine, Page } from './engine.ts';
import type { Following } from './live.ts';
import type { LiveCursor } from './live-cursor.ts';
import type { MovedRecord, News } from './news.ts';
import type { Actor } from './submission.ts';
import { isUnreachable } from './unreachable.ts';

export interface FeedRequest {
  readonly actor: Actor;
  readonly domain: string;
  /** Where the caller stands; null: it has nothing yet. */
  readonly cursor: string | null;
  /** Wire names of entity types, already checked; null: all of the domain. */
  readonly types: readonly string[] | null;
  /** Only this scope; null: all of the caller's. */
  readonly scope: string | null;
  /** Rows of a page, 1 … LIMITS.pageRowsMax. */
  readonly limit: number;
}

export type FeedEvent =
  | { readonly kind: 'page'; readonly page: Page }
  | {
      readonly kind: 'news';
      readonly news: News;
      /** What of it is new to this caller, of the types that it asked for, in order of seq. */
      readonly moved: readonly MovedRecord[];
      /** The cursor after it, until the next event is asked for. */
      readonly cursor: LiveCursor;
      readonly roles: ReadonlyMap<string, Role>;
      /** Nothing else is known that would have to be told. */
      readonly isLast: boolean;
    }
  /** It can't begin, or go on; the last event. */
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string };

export type FeedSource = Pick<Engine, 'pull' | 'scopes' | 'follow' | 'followUser' | 'liveCursor'>;

/**
 * Ends when the one scope that was asked for is the caller's no more, after the page that says so; and soon after the
 * signal. Rejects when the database is away at the start; later it waits for it.
 */
export function followFeed(
  engine: FeedSource,
  request: FeedRequest,
  signal: AbortSignal,
): AsyncGenerator<FeedEvent, void, void> {
  return new Feed(engine, request, signal).events();
}

class Feed {
  readonly #engine: FeedSource;
  readonly #request: FeedRequest;
  readonly #signal: AbortSignal;
  readonly #types: ReadonlySet<string> | null;
  readonly #followed = new Map<string, Following>();
  /** As they were last looked at, and as the last page has them. */
  #access: ReadonlyMap<string, Role> = new Map();
  #roles: ReadonlyMap<string, Role> = new Map();
  #queue: News[] = [];
  #live: LiveCursor | null = null;
  #mustRead = true;
  #mustLook = true;
  #isOver = false;
  #wake: () => void = () => {};

  constructor(engine: FeedSource, request: FeedRequest, signal: AbortSignal) {
    this.#engine = engine;
    this.#request = request;
    this.#signal = signal;
    const { domain, types } = request;
    this.#types = types && new Set(types.map((name) => `${domain}.${name}`));
  }

  async *events(): AsyncGenerator<FeedEvent, void, void> {
    const stopWatching = this.#engine.followUser(this.#request.actor.userId, () => {
      this.#mustLook = true;
      this.#wake();
    });
    const onAbort = (): void => this.#wake();
    this.#signal.addEventListener('abort', onAbort);
    try {
      while (!this.#signal.aborted) {
        if (this.#mustLook) await this.#lookAtAccess();
        else if (this.#mustRead) {
          yield* this.#read();
          if (this.#isOver) return;
        } else {
          const news = this.#queue.shift();
          if (news) yield* this.#told(news);
          else await this.#something();
        }
      }
    } finally {
      this.#signal.removeEventListener('abort', onAbort);
      stopWatching();
      for (const following of this.#followed.values()) following.stop();
    }
  }

  async #lookAtAccess(): Promise<void> {
    this.#mustLook = false;
    const access = await this.#patiently(() => this.#engine.scopes(this.#request.actor));
    if (access === null || this.#sameRoles(access, this.#access)) return;
    this.#access = access;
    this.#mustRead = true;
  }

  /** Pages until nothing is left and every scope is followed. */
  async *#read(): AsyncGenerator<FeedEvent, void, void> {
    const { scope } = this.#request;
    if (scope !== null && this.#live === null && !this.#access.has(scope)) {
      this.#isOver = true;
      yield { kind: 'refused', code: 'FORBIDDEN', message: errorText('FORBIDDEN') };
      return;
    }
    let wanted = this.#access;
    for (let hasMore = true; hasMore && !this.#signal.aborted; ) {
      this.#mustRead = false;
      if ((await this.#patiently(() => this.#follow(wanted))) === null) return;
      const pulled = await this.#patiently(() => this.#pull());
      if (pulled === null) return;
      if (!pulled.ok) {
        this.#isOver = true;
        yield { kind: 'refused', code: pulled.code, message: pulled.message };
        return;
      }
      const { page } = pulled;
      const isFirst = this.#live === null;
      const isNews = isFirst || hasContent(page) || !this.#sameRoles(page.roles, this.#roles);
      this.#live = this.#engine.liveCursor(page);
      this.#roles = page.roles;
      this.#unfollow(page.roles);
      if (isNews) yield { kind: 'page', page };
      wanted = page.roles;
      hasMore = page.hasMore || this.#mustRead || this.#unfollowed(wanted).length > 0;
    }
    if (scope !== null && !this.#roles.has(scope)) this.#isOver = true;
  }

  async #pull(): ReturnType<FeedSource['pull']> {
    const { actor, domain, types, scope, limit } = this.#request;
    const cursor = this.#live === null ? this.#request.cursor : await this.#live.text();
    // Its position is in its cursor alone: it is not the page of a device that comes back with a moment.
    const reader = { device: null, since: 0, priority: null } as const;
    return this.#engine.pull({ actor, domain, types, scope, limit, cursor, ...reader });
  }

  *#told(news: News): Generator<FeedEvent, void, void> {
    const live = this.#live;
    if (live === null || !this.#roles.has(news.scope)) return;
    const at = live.position(news.scope);
    if (news.to <= at) return;
    if (news.from > at || news.to < news.head || news.accessMoved || news.closed) {
      this.#mustRead = true;
      return;
    }
    live.advance(news.scope, news.to);
    const moved = news.moved.filter(
      ({ record }) => record.seq > at && (this.#types?.has(record.type) ?? true),
    );
    if (moved.length === 0) return;
    yield {
      kind: 'news',
      news,
      moved,
      cursor: live,
      roles: this.#roles,
      isLast: this.#queue.length === 0,
    };
  }

  readonly #hear = (news: News): void => {
    if (this.#queue.length >= LIMITS.newsWaitingMax) {
      // It will be read, from where the caller has come to.
      this.#queue = [];
      this.#mustRead = true;
    }
    this.#queue.push(news);
    this.#wake();
  };

  #unfollowed(roles: ReadonlyMap<string, Role>): string[] {
    const { scope } = this.#request;
    const mine = scope === null ? [...roles.keys()] : roles.has(scope) ? [scope] : [];
    return mine.filter((one) => !this.#followed.has(one));
  }

  async #follow(roles: ReadonlyMap<string, Role>): Promise<true> {
    const { domain } = this.#request;
    // Those that succeed are to be ended some day, whatever becomes of the others.
    const ends = await Promise.allSettled(
      this.#unfollowed(roles).map(async (scope) => {
        this.#followed.set(scope, await this.#engine.follow(scope, domain, this.#hear));
      }),
    );
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    return true;
  }

  #unfollow(roles: ReadonlyMap<string, Role>): void {
    for (const [scope, following] of this.#followed) {
      if (roles.has(scope)) continue;
      following.stop();
      this.#followed.delete(scope);
    }
  }

  /** null: it was stopped meanwhile. */
  async #patiently<T>(work: () => Promise<T>): Promise<T | null> {
    while (!this.#signal.aborted) {
      try {
        return await work();
      } catch (cause) {
        if (this.#live === null || !isUnreachable(cause)) throw cause;
        await pause(RETRY_MS, undefined, { signal: this.#signal }).catch(() => {});
      }
    }
    return null;
  }

  /** As far as it matters to this caller. */
  #sameRoles(a: ReadonlyMap<string, Role>, b: ReadonlyMap<string, Role>): boolean {
    const { scope } = this.#request;
    if (scope !== null) return a.get(scope) === b.get(scope);
    return a.size === b.size && [...a].every(([one, role]) => b.get(one) === role);
  }

  #something(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#signal.aborted || this.#mustLook || this.#mustRead || this.#queue.length > 0) resolve();
    });
  }
}

/** After a read that failed. */
const RETRY_MS = 250;

const hasContent = ({ records, dropped, droppedScopes, fullResync }: Page): boolean =>
  records.length > 0 || dropped.length > 0 || droppedScopes.length > 0 || fullResync;
