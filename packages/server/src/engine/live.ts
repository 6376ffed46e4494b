/**
 * Rung 13: tells whoever follows a scope what has happened in it, in the order of its commits. What comes with an
 * announcement is told at once if it goes on where the followers are; everything else is read from the store. So a
 * message that was lost or came twice changes nothing: heads are also looked at every LIMITS.headPollMs. All scopes that
 * moved meanwhile share one read.
 */
import { LIMITS, type Registry } from '@ackord/core';
import { type AccessListener, AccessWatch } from './access-watch.ts';
import type { Announcement } from './announcement.ts';
import { ConflictWatch } from './conflict-watch.ts';
import { HeadReader } from './head-reader.ts';
import { type News, newsOfCommit, readNews } from './news.ts';
import type { Bus, Observer, Store } from './ports.ts';
import { isUnreachable } from './unreachable.ts';

/** Called once per piece of news, one at a time for a scope; the next one goes on where this one ends. */
export type NewsListener = (news: News) => void;

export interface Following {
  /** Where the news begin: all up to here is for the follower to read itself. */
  readonly from: number;
  stop(): void;
}

export interface Live {
  /** Follows a scope from its newest seq on. Rejects when the store can't be reached. */
  follow(scope: string, domain: string, listener: NewsListener): Promise<Following>;
  /** Calls the listener when the user's role somewhere may have changed, until what is returned is called. */
  followUser(userId: string, listener: AccessListener): () => void;
  /** Calls the listener when a conflict of the user's may be new or decided, until what is returned is called. */
  followConflicts(userId: string, listener: () => void): () => void;
  stop(): Promise<void>;
}

interface Followed {
  readonly scope: string;
  readonly domain: string;
  /** Keys of the types that are told of. */
  readonly types: ReadonlySet<string>;
  readonly listeners: Set<NewsListener>;
  /** What the listeners have been told up to. */
  position: number;
  /** The newest seq that anybody told of. */
  head: number;
}

interface LiveTools {
  readonly store: Store;
  readonly registry: Registry;
  readonly bus: Bus;
  readonly observer: Observer;
}

export function startLive({ store, registry, bus, observer }: LiveTools): Live {
  /** By scope and domain: users' own scopes hold records of several. */
  const followed = new Map<string, Map<string, Followed>>();
  const behind = new Set<Followed>();
  const access = new AccessWatch();
  const conflicts = new ConflictWatch();
  const heads = new HeadReader(store);
  let reading: Promise<void> | null = null;
  let stopped = false;

  const note = (scope: string, head: number): void => {
    for (const one of followed.get(scope)?.values() ?? []) {
      if (head <= one.head) continue;
      one.head = head;
      behind.add(one);
      wake();
    }
  };

  const hear = (announcement: Announcement): void => {
    // Before the news: whoever lost a scope is told of nothing that was committed afterwards.
    access.hear(announcement);
    conflicts.hear(announcement);
    heads.hear(announcement);
    for (const one of followed.get(announcement.scope)?.values() ?? []) {
      if (announcement.head <= one.head) continue;
      const isNext = one.position === one.head;
      const news = isNext ? announcement.news() : null;
      // A read that is under way then finds that it comes too late.
      if (news?.from === one.position) tell(one, newsOfCommit(announcement, news, one.types));
      else note(announcement.scope, announcement.head);
    }
  };

  const wake = (): void => {
    if (stopped) return;
    reading ??= readAll().finally(() => {
      reading = null;
      if (behind.size > 0 && !stopped) setTimeout(wake, RETRY_MS).unref();
    });
  };

  const readAll = async (): Promise<void> => {
    try {
      while (behind.size > 0 && !stopped) {
        const turn = [...behind];
        behind.clear();
        await readTurn(turn).catch((cause: unknown) => {
          for (const one of turn) behind.add(one);
          throw cause;
        });
      }
    } catch (cause) {
      if (!isUnreachable(cause)) observer.defect({ where: 'live', cause: String(cause), changeId: null });
    }
  };

  /** A snapshot is asked for types of one domain at a time: mostly there is one. */
  const readTurn = async (turn: readonly Followed[]): Promise<void> => {
    const domains = new Set(turn.map(({ domain }) => domain));
    for (const domain of domains) {
      const some = turn.filter((one) => one.domain === domain);
      const types = registry.domain(domain).synced.map(({ key }) => key);
      const news = await store.snapshot((snapshot) =>
        readNews(
          snapshot,
          some.map(({ scope, position }) => ({ scope, after: position })),
          types,
        ),
      );
      for (const piece of news) {
        const one = followed.get(piece.scope)?.get(domain);
        if (one) tell(one, piece);
      }
      for (const one of some) if (one.position < one.head && isFollowed(one)) behind.add(one);
    }
  };

  const isFollowed = (one: Followed): boolean => followed.get(one.scope)?.get(one.domain) === one;

  const tell = (one: Followed, news: News): void => {
    if (one.position !== news.from) return;
    one.position = news.to;
    one.head = Math.max(one.head, news.head);
    for (const listener of one.listeners) listener(news);
  };

  /** Where nobody follows the scope yet, it begins at this head. */
  const join = (scope: string, domain: string, head: number, listener: NewsListener): Following => {
    const inScope = followed.get(scope) ?? new Map<string, Followed>();
    const types = new Set(registry.domain(domain).synced.map(({ key }) => key));
    const fresh = { scope, domain, types, listeners: new Set<NewsListener>(), position: head, head };
    const one = inScope.get(domain) ?? fresh;
    followed.set(scope, inScope.set(domain, one));
    one.listeners.add(listener);
    return { from: one.position, stop: () => leave(one, listener) };
  };

  const leave = (one: Followed, listener: NewsListener): void => {
    one.listeners.delete(listener);
    if (one.listeners.size > 0 || !isFollowed(one)) return;
    const inScope = followed.get(one.scope);
    inScope?.delete(one.domain);
    if (inScope?.size === 0) followed.delete(one.scope);
    behind.delete(one);
  };

  let polls = 0;
  const poll = async (): Promise<void> => {
    const scopes = [...followed.keys()];
    const looksAtAccess = polls++ % LIMITS.accessPollTurns === 0 && access.isFollowed;
    if (scopes.length === 0 && !looksAtAccess) return;
    try {
      const states = await store.snapshot(async (snapshot) => {
        if (looksAtAccess) await access.poll(snapshot);
        return scopes.length > 0 ? snapshot.scopes(scopes) : [];
      });
      for (const { id, head } of states) note(id, head);
    } catch (cause) {
      if (!isUnreachable(cause)) observer.defect({ where: 'live', cause: String(cause), changeId: null });
    }
  };
  let polling: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    polling = polling.then(poll);
  }, LIMITS.headPollMs);
  timer.unref();
  const unsubscribe = bus.subscribe(hear);

  return {
    async follow(scope, domain, listener) {
      const known = followed.get(scope)?.get(domain);
      if (known) return join(scope, domain, known.position, listener);
      return heads.read(scope, (head) => join(scope, domain, head, listener));
    },
    followUser: (userId, listener) => access.follow(userId, listener),
    followConflicts: (userId, listener) => conflicts.follow(userId, listener),
    async stop() {
      stopped = true;
      clearInterval(timer);
      unsubscribe();
      await Promise.all([reading, polling]);
    },
  };
}

/** After a read that failed. */
const RETRY_MS = 250;
