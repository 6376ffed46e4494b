/**
 * The sockets of one tenant on this server. What happens in the tenant is encoded once and handed to each of them in
 * the order of the commits. A socket that is loading, or reads too slowly, is left out and catches up by itself.
 */
import { LIMITS } from '@ackord/core';
import { type Engine, type FanOut, type Following, joinNews, type News } from '@ackord/server';
import { tenantScope } from '../access.ts';
import { type Batch, batchOf, batchOfSome, type Update } from './batch.ts';
import { LateNews, tellAgainFrom } from './late-news.ts';
import { createToldLog, type ToldLog } from './told-log.ts';

export interface Guest {
  /** Up to where it was given everything that was for it; null: it reads by itself just now, and is not to be told. */
  readonly position: number | null;
  /** From here on it is told. */
  begin(position: number): void;
  deliver(batch: Batch): void;
  send(text: string): void;
  /** Updates that it was told already, once more. */
  tellAgain(updates: readonly Update[]): void;
  /** Somebody's role has changed. */
  lookAtAccess(): void;
  /** The tenant is deleted. */
  endWithTenant(): void;
}

export interface Room {
  readonly tenantId: string;
  readonly size: number;
  /** Where the news have come to; null: the database could not be asked yet. */
  readonly position: number | null;
  /** Resolves once there is a position: from then on nothing is missed. */
  readonly ready: Promise<void>;
  readonly guests: ReadonlySet<Guest>;
  readonly told: ToldLog;
  join(guest: Guest): void;
  /** `toldTo`: up to where everything is known to have arrived there. Resolves when the others have heard the rest again. */
  leave(guest: Guest, toldTo: number): Promise<void>;
  /** Tells all sockets once more of those records that moved after a position, as they are now. */
  tellAgain(after: number, isWanted: (update: Update) => boolean): Promise<void>;
  close(): void;
}

export interface RoomTools {
  readonly engine: Pick<Engine, 'follow' | 'news'>;
  readonly fanOut: FanOut;
  readonly onEmpty: (tenantId: string) => void;
  readonly onNews: (tenantId: string, news: News) => void;
}

export function openRoom(tenantId: string, { engine, fanOut, onEmpty, onNews: tellNews }: RoomTools): Room {
  const guests = new Set<Guest>();
  /** What nobody has been given yet. */
  let unsent: News | null = null;
  let position: number | null = null;
  let following: Following | null = null;
  let closed = false;
  /** What is noted in `told` reaches so far. */
  let servedTo = 0;
  let servedAt = Number.NEGATIVE_INFINITY;
  let isAsked = false;
  const told = createToldLog();
  let isReady: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });

  const now = { engine, tenantId, guests, told, servedTo: () => servedTo };
  const late = new LateNews({
    isWanted: () => guests.size > 0 && guests.size <= LIMITS.tellAgainSocketsMax,
    tellAgain: (after) => tellAgainFrom(after, now),
  });

  const onNews = (news: News): void => {
    position = news.to;
    tellNews(tenantId, news);
    unsent = unsent === null ? news : joinNews(unsent, news);
    if (isAsked) return;
    isAsked = true;
    // The first one after a rest goes out at once.
    const wait = servedAt + fanOut.restMs(guests.size) - performance.now();
    if (wait > 0) setTimeout(() => fanOut.ask(serve), wait).unref();
    else fanOut.ask(serve);
  };

  const serve = (): boolean => {
    const news = unsent;
    unsent = null;
    isAsked = false;
    servedAt = performance.now();
    if (news === null) return true;
    const batch = batchOf(tenantId, news);
    told.note(batch.updates);
    servedTo = batch.to;
    for (const guest of guests) {
      const { position: at } = guest;
      if (at === null || at >= news.to) continue;
      // Who has just read by itself may have read further than these begin.
      guest.deliver(at <= news.from ? batch : batchOfSome(batch, ({ seq }) => seq > at));
    }
    if (news.accessMoved) for (const guest of guests) guest.lookAtAccess();
    if (news.closed) for (const guest of guests) guest.endWithTenant();
    return true;
  };

  const follow = async (): Promise<void> => {
    try {
      const mine = await engine.follow(tenantScope(tenantId), 'finance', onNews);
      if (closed) return mine.stop();
      following = mine;
      position = Math.max(position ?? 0, mine.from);
      for (const guest of guests) if (guest.position === null) guest.begin(position);
      isReady();
    } catch {
      // The database is away: sockets stay, and are told of everything once it is back.
      if (!closed) setTimeout(() => void follow(), LIMITS.headPollMs).unref();
    }
  };
  void follow();

  return {
    tenantId,
    guests,
    told,
    ready,
    get size() {
      return guests.size;
    },
    get position() {
      return position;
    },
    join(guest) {
      guests.add(guest);
      if (position !== null) guest.begin(position);
    },
    async leave(guest, toldTo) {
      guests.delete(guest);
      if (guests.size === 0) return onEmpty(tenantId);
      if (toldTo < (position ?? 0)) await late.tellFrom(toldTo);
    },
    tellAgain: (after, isWanted) => tellAgainFrom(after, now, isWanted),
    close() {
      closed = true;
      following?.stop();
    },
  };
}
