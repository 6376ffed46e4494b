/**
 * The bus of several servers, over Redis. This server's own announcements go to its listeners at once, as on the bus of a
 * server that is alone; what others tell comes over a fixed number of channels, to which scopes are dealt out by a hash
 * and all of which every server hears. A channel per scope would spare servers what they do not follow, but each
 * follower that comes or goes would be a command and a wait, tens of thousands of them when a server starts anew; and a
 * message that nobody here follows costs a look into a map. Sixty-four channels spread over the nodes of a cluster.
 *
 * Promise: publishing never waits and never throws. What can't be sent is dropped, for heads are looked at as well; what
 * is under way is bounded. Messages that come late, twice or out of order change nothing: a follower takes news only
 * where they go on from its position.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { LIMITS } from '@ackord/core';
import type { Announcement } from '../engine/announcement.ts';
import { groupBy } from '../engine/group-by.ts';
import type { Bus, Store } from '../engine/ports.ts';
import type { RedisPlace } from '../redis/place.ts';
import type { RedisWatch } from '../redis/watch.ts';
import { announcementLine, readMessage, type Sender, writeMessage } from './message.ts';
import type { Parcel, RedisLink } from './redis-link.ts';
import { openNodes } from './redis-nodes.ts';
import { smallJson } from './small-json.ts';

export interface RedisBus extends Bus {
  close(): Promise<void>;
}

/** `away`: there is no connection. `busy`: too much waits. `foreign`: somebody else's, or no message at all. */
export type DropCause = 'away' | 'busy' | 'foreign';

/** Counts announcements; of foreign ones, messages. */
export interface BusObserver {
  sent(count: number): void;
  received(count: number): void;
  dropped(cause: DropCause, count: number): void;
  /** A listener failed: a defect. */
  failed(cause: unknown): void;
}

export interface RedisBusOptions {
  readonly redis: RedisPlace;
  readonly store: Pick<Store, 'epoch' | 'cursorKeys'>;
  /** The form of the records of all domains. */
  readonly schema: string;
  readonly observer: BusObserver;
  readonly watch: RedisWatch;
}

const CHANNELS = Array.from({ length: LIMITS.busChannels }, (_, at) => `ackord:bus:${at}`);

/** FNV-1a: the same on all servers, and quick. */
export function channelOf(scope: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < scope.length; at++) hash = Math.imul(hash ^ scope.charCodeAt(at), 0x01000193) >>> 0;
  return CHANNELS[hash % CHANNELS.length] as string;
}

export function createRedisBus({ redis, store, schema, observer, watch }: RedisBusOptions): RedisBus {
  const sender: Sender = { server: randomUUID(), schema, store };
  const listeners = new Set<(announcement: Announcement) => void>();
  let pending: Announcement[] = [];
  let bytesUnderWay = 0;
  let closed = false;
  const underWay = new Set<Promise<void>>();
  /** Channels that nobody but this server heard when it last sent: there news would be written for nobody. */
  const lonely = new Set<string>();

  const receive = (text: string): void => {
    const reading = readMessage(sender, text);
    if (reading.kind === 'foreign') observer.dropped('foreign', 1);
    if (reading.kind !== 'heard') return;
    observer.received(reading.announcements.length);
    for (const announcement of reading.announcements)
      for (const listener of listeners)
        try {
          listener(announcement);
        } catch (cause) {
          observer.failed(cause);
        }
  };
  const nodes = openNodes({
    redis,
    channels: CHANNELS,
    onMessage: receive,
    onUp: () => watch.up('bus'),
    onDown: (cause) => watch.down('bus', cause),
  });

  const lineOf = (announcement: Announcement, channel: string): string => {
    const news = lonely.has(channel) ? null : announcement.news();
    return announcementLine(announcement, news && smallJson(news, LIMITS.busNewsBytesMax));
  };

  /** All that was announced in one turn of the event loop: a message per channel, one write per node. */
  const flush = (batch: readonly Announcement[]): void => {
    const parcels = new Map<RedisLink, LinesParcel[]>();
    for (const [channel, announcements] of groupBy(batch, ({ scope }) => channelOf(scope))) {
      const link = nodes.linkOf(channel);
      if (!link?.canSend) observer.dropped('away', announcements.length);
      else if (bytesUnderWay > LIMITS.busBytesUnderWayMax) observer.dropped('busy', announcements.length);
      else {
        const lines = announcements.map((announcement) => lineOf(announcement, channel));
        const list = parcels.get(link) ?? [];
        parcels.set(link, list);
        for (const part of inParts(lines))
          list.push({ channel, text: writeMessage(sender, part), count: part.length });
      }
    }
    for (const [link, list] of parcels) {
      const sent = send(link, list).finally(() => underWay.delete(sent));
      underWay.add(sent);
    }
  };

  const endTurn = (): void => {
    const batch = pending;
    pending = [];
    try {
      flush(batch);
    } catch (cause) {
      observer.failed(cause);
    }
  };

  const send = async (link: RedisLink, parcels: readonly LinesParcel[]): Promise<void> => {
    const bytes = parcels.reduce((sum, { text }) => sum + text.length, 0);
    bytesUnderWay += bytes;
    const deliveries = await link.send(parcels);
    bytesUnderWay -= bytes;
    for (const [at, { channel, count }] of parcels.entries()) {
      const heardBy = deliveries[at] ?? null;
      if (heardBy === null) observer.dropped('away', count);
      else observer.sent(count);
      if (heardBy !== null && heardBy <= 1) lonely.add(channel);
      else lonely.delete(channel);
    }
  };

  return {
    publish(announcement) {
      for (const listener of listeners) listener(announcement);
      if (closed) return;
      if (pending.length >= LIMITS.busPendingMax) return observer.dropped('busy', 1);
      if (pending.push(announcement) === 1) setImmediate(endTurn);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      closed = true;
      // The last commits are told, if that can be done at once.
      endTurn();
      await Promise.race([Promise.all(underWay), setTimeout(LIMITS.busFarewellMsMax, null, { ref: false })]);
      nodes.stop();
    },
  };
}

interface LinesParcel extends Parcel {
  /** Announcements in it. */
  readonly count: number;
}

/** So many lines together as make a message; a longer one goes alone. */
function inParts(lines: readonly string[]): string[][] {
  const parts: string[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    length += line.length;
    if (length > LIMITS.busMessageBytesMax) {
      parts.push([]);
      length = line.length;
    }
    parts.at(-1)?.push(line);
  }
  return parts;
}
