/**
 * The sockets of one tenant on this server. What happens in the tenant is encoded once and handed to each of them in
 * the order of the commits. A socket that is loading, or reads too slowly, is left out and catches up by itself.
 */
import { LIMITS } from '@ackord/core';
import {
  type Engine,
  type Following,
  type MovedRecord,
  type News,
  type TextFrames,
  textFrames,
} from '@ackord/server';
import { tenantScope } from '../access.ts';
import { dataUpdateOf, dataUpdateText } from '../messages/data-update.ts';
import { typeKeyOf } from '../wire/type-names.ts';
import type { FanOut } from './fan-out.ts';
import { createToldLog, type ToldLog } from './told-log.ts';

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

/** Updates that go out together. */
export interface Batch {
  /** In order of seq. */
  readonly updates: readonly Update[];
  /** The position that they reach. */
  readonly to: number;
  /** Sessions that made some of the changes: they are told otherwise. */
  readonly writers: ReadonlySet<string | null>;
  /** All of them, for whoever gets all. */
  readonly frames: TextFrames;
}

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
  leave(guest: Guest): void;
  close(): void;
}

export interface RoomTools {
  readonly engine: Pick<Engine, 'follow'>;
  readonly fanOut: FanOut;
  readonly onEmpty: (tenantId: string) => void;
  readonly onNews: (tenantId: string, news: News) => void;
}

const encoder = new TextEncoder();

export function openRoom(tenantId: string, { engine, fanOut, onEmpty, onNews: tellNews }: RoomTools): Room {
  const guests = new Set<Guest>();
  /** What nobody has been given yet. */
  let unsent: News | null = null;
  let position: number | null = null;
  let following: Following | null = null;
  let closed = false;
  let servedAt = Number.NEGATIVE_INFINITY;
  let isAsked = false;
  const told = createToldLog();
  let isReady: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });

  const onNews = (news: News): void => {
    position = news.to;
    tellNews(tenantId, news);
    unsent = unsent === null ? news : joined(unsent, news);
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

/** One piece of news from two that follow each other: of a record that moved twice, its newest state. */
function joined(first: News, second: News): News {
  const moved = new Map(first.moved.map((one) => [`${one.record.type} ${one.record.id}`, one]));
  for (const one of second.moved) {
    const key = `${one.record.type} ${one.record.id}`;
    const before = moved.get(key);
    // Anew at the end: the order is that of the seqs.
    moved.delete(key);
    moved.set(key, before ? { record: one.record, lines: [...before.lines, ...one.lines] } : one);
  }
  return {
    ...second,
    from: first.from,
    moved: [...moved.values()],
    accessMoved: first.accessMoved || second.accessMoved,
  };
}

export const batchOf = (tenantId: string, news: Pick<News, 'moved' | 'to'>): Batch =>
  batchWith(updatesOf(tenantId, news), news.to);

/** Without those that are passed over. */
export const batchOfSome = (batch: Batch, isWanted: (update: Update) => boolean): Batch => {
  const some = batch.updates.filter(isWanted);
  return some.length === batch.updates.length ? batch : batchWith(some, batch.to);
};

const batchWith = (updates: readonly Update[], to: number): Batch => ({
  updates,
  to,
  writers: new Set(updates.map(({ device }) => device)),
  frames: textFrames(updates.map(({ frame }) => frame)),
});

const updatesOf = (tenantId: string, { moved }: Pick<News, 'moved'>): Update[] =>
  groupsLast(moved).map((one) => {
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

/** An app deletes no group that it still has accounts in: what became of those it has to hear first. */
function groupsLast(moved: readonly MovedRecord[]): readonly MovedRecord[] {
  const isGone = ({ record }: MovedRecord): boolean =>
    record.tombstone !== null && record.type === typeKeyOf('AccountGroup');
  return moved.some(isGone) ? [...moved.filter((one) => !isGone(one)), ...moved.filter(isGone)] : moved;
}
