/**
 * The sockets of one tenant on this server. What happens in the tenant is encoded once and handed to each of them in
 * the order of the commits. A socket that is loading, or reads too slowly, is left out and catches up by itself.
 */
import { LIMITS } from '@ackord/core';
import type { Engine, Following, News } from '@ackord/server';
import { tenantScope } from '../access.ts';
import { dataUpdateOf, dataUpdateText } from '../messages/data-update.ts';
import type { FanOut } from './fan-out.ts';

/** A moved record as it goes to every socket. */
export interface Update {
  /** `finance.Account <qualified id>` */
  readonly key: string;
  readonly seq: number;
  /** The session that made the last change, and that change; null where nobody knows. */
  readonly device: string | null;
  readonly changeId: string | null;
  readonly frame: Uint8Array;
}

export interface Guest {
  /** Up to where it was given everything that was for it; null: it reads by itself just now, and is not to be told. */
  readonly position: number | null;
  /** From here on it is told. */
  begin(position: number): void;
  /** In order of seq; `to`: the position that they reach. */
  deliver(updates: readonly Update[], to: number): void;
  send(text: string): void;
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
  readonly guests: ReadonlySet<Guest>;
  join(guest: Guest): void;
  leave(guest: Guest): void;
  close(): void;
}

export interface RoomTools {
  readonly engine: Pick<Engine, 'follow'>;
  readonly fanOut: FanOut;
  readonly onEmpty: (tenantId: string) => void;
}

const encoder = new TextEncoder();

export function openRoom(tenantId: string, { engine, fanOut, onEmpty }: RoomTools): Room {
  const guests = new Set<Guest>();
  /** What nobody has been given yet, in order. */
  let unsent: News[] = [];
  let position: number | null = null;
  let following: Following | null = null;
  let closed = false;

  const onNews = (news: News): void => {
    position = news.to;
    unsent.push(news);
    fanOut.ask(serve);
  };

  const serve = (): boolean => {
    const pieces = unsent;
    unsent = [];
    for (const news of pieces) {
      const updates = updatesOf(tenantId, news);
      for (const guest of guests) {
        const { position: at } = guest;
        if (at === null || at >= news.to) continue;
        // Who has just read by itself may have read further than these begin.
        guest.deliver(at <= news.from ? updates : updates.filter(({ seq }) => seq > at), news.to);
      }
      if (news.accessMoved) for (const guest of guests) guest.lookAtAccess();
      if (news.closed) for (const guest of guests) guest.endWithTenant();
    }
    return true;
  };

  const follow = async (): Promise<void> => {
    try {
      const mine = await engine.follow(tenantScope(tenantId), 'finance', onNews);
      if (closed) return mine.stop();
      following = mine;
      position = Math.max(position ?? 0, mine.from);
      for (const guest of guests) if (guest.position === null) guest.begin(position);
    } catch {
      // The database is away: sockets stay, and are told of everything once it is back.
      if (!closed) setTimeout(() => void follow(), LIMITS.headPollMs).unref();
    }
  };
  void follow();

  return {
    tenantId,
    guests,
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
    leave(guest) {
      guests.delete(guest);
      if (guests.size === 0) onEmpty(tenantId);
    },
    close() {
      closed = true;
      following?.stop();
    },
  };
}

export const updatesOf = (tenantId: string, { moved }: Pick<News, 'moved'>): Update[] =>
  moved.map((one) => {
    const { record, lines } = one;
    const last = lines.at(-1);
    return {
      key: `${record.type} ${record.id}`,
      seq: record.seq,
      device: last?.device ?? null,
      changeId: last?.changeId ?? null,
      frame: encoder.encode(dataUpdateText(tenantId, dataUpdateOf(one))),
    };
  });
