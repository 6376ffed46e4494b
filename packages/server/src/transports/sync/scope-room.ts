/**
 * The sessions of this server that follow one scope by one filter. What happens there is encoded once, framed once, and
 * the same bytes go to each of them, in the order of the commits. While the sessions of a large room are being served,
 * more may happen; all of that then goes out together.
 */
import { LIMITS } from '@ackord/core';
import type { Engine } from '../../engine/engine.ts';
import { joinNews } from '../../engine/join-news.ts';
import type { Following } from '../../engine/live.ts';
import type { News } from '../../engine/news.ts';
import type { FanOut } from '../websocket/fan-out.ts';
import { type TextFrames, textFrames } from '../websocket/text-frames.ts';
import { type FeedFilter, passes } from './feed-filter.ts';
import { changesText } from './page-text.ts';

export interface Batch {
  readonly scope: string;
  /** They follow on this seq, and reach that one. */
  readonly from: number;
  readonly to: number;
  /** null: nothing of it passes the filter. */
  readonly frames: TextFrames | null;
}

export interface Guest {
  deliver(batch: Batch): void;
  /** Roles in the scope have changed, or it is closed: what comes behind this may not be for everybody. */
  lookAtAccess(): void;
}

export interface RoomParts {
  readonly engine: Pick<Engine, 'follow'>;
  readonly fanOut: FanOut;
  readonly onEmpty: () => void;
}

const encoder = new TextEncoder();

export class ScopeRoom {
  readonly #scope: string;
  readonly #filter: FeedFilter;
  readonly #parts: RoomParts;
  readonly #guests = new Set<Guest>();
  #following: Following | null = null;
  #isClosed = false;
  #position: number | null = null;
  /** What nobody has been given yet. */
  #unsent: News | null = null;
  #isAsked = false;
  #servedAt = Number.NEGATIVE_INFINITY;
  /** Who is still to be given the present batch. */
  #rest: Iterator<Guest> | null = null;
  #batch: Batch | null = null;
  /** Resolves once there is a position: from then on nothing is missed. */
  readonly ready: Promise<void>;

  constructor(scope: string, filter: FeedFilter, parts: RoomParts) {
    this.#scope = scope;
    this.#filter = filter;
    this.#parts = parts;
    this.ready = this.#follow();
  }

  /** Where the news have come to; null: the database could not be asked yet. */
  get position(): number | null {
    return this.#position;
  }

  join(guest: Guest): void {
    this.#guests.add(guest);
  }

  leave(guest: Guest): void {
    this.#guests.delete(guest);
    if (this.#guests.size > 0) return;
    this.#isClosed = true;
    this.#following?.stop();
    this.#parts.onEmpty();
  }

  async #follow(): Promise<void> {
    while (!this.#isClosed) {
      try {
        const following = await this.#parts.engine.follow(this.#scope, this.#filter.domain, (news) =>
          this.#hear(news),
        );
        this.#position = Math.max(this.#position ?? 0, following.from);
        if (this.#isClosed) following.stop();
        else this.#following = following;
        return;
      } catch {
        // The database is away: sessions stay, and are given everything once it is back.
        await new Promise((resolve) => setTimeout(resolve, LIMITS.headPollMs).unref());
      }
    }
  }

  #hear(news: News): void {
    this.#position = news.to;
    if (news.accessMoved || news.closed) for (const guest of this.#guests) guest.lookAtAccess();
    this.#unsent = this.#unsent === null ? news : joinNews(this.#unsent, news);
    if (this.#isAsked) return;
    this.#isAsked = true;
    const { fanOut } = this.#parts;
    // The first one after a rest goes out at once.
    const wait = this.#servedAt + fanOut.restMs(this.#guests.size) - performance.now();
    if (wait > 0) setTimeout(() => fanOut.ask(this.#serve), wait).unref();
    else fanOut.ask(this.#serve);
  }

  /** Serves some of the guests; answers whether it is done. */
  readonly #serve = (): boolean => {
    const end = performance.now() + LIMITS.fanOutTurnMs;
    this.#rest ??= this.#begin();
    for (let next = this.#rest.next(); !next.done; next = this.#rest.next()) {
      if (this.#batch) next.value.deliver(this.#batch);
      if (performance.now() > end) return false;
    }
    this.#rest = null;
    this.#batch = null;
    if (this.#unsent !== null) return false;
    this.#isAsked = false;
    this.#servedAt = performance.now();
    return true;
  };

  #begin(): Iterator<Guest> {
    const news = this.#unsent;
    this.#unsent = null;
    if (news === null) return [].values();
    const records = news.moved.map(({ record }) => record).filter((record) => passes(this.#filter, record));
    const frames = records.length > 0 ? textFrames([encoder.encode(changesText(news, records))]) : null;
    this.#batch = { scope: news.scope, from: news.from, to: news.to, frames };
    return this.#guests.values();
  }
}
