/**
 * What a server tells the others: all that was announced in one turn of the event loop goes out together, a message per
 * channel, one write per node.
 * Promise: putting something in never waits and never throws. What can't be sent is dropped, what is under way is bounded.
 */
import { setTimeout } from 'node:timers/promises';
import { LIMITS } from '@ackord/core';
import type { Announcement } from '../engine/announcement.ts';
import { groupBy } from '../engine/group-by.ts';
import { channelOf } from './channels.ts';
import { inParts } from './in-parts.ts';
import { announcementLine, type Sender, writeMessage } from './message.ts';
import type { BusObserver } from './redis.ts';
import type { Parcel, RedisLink } from './redis-link.ts';
import type { RedisNodes } from './redis-nodes.ts';
import { smallJson } from './small-json.ts';

interface LinesParcel extends Parcel {
  /** Announcements in it. */
  readonly count: number;
}

export class Outbox {
  readonly #nodes: RedisNodes;
  readonly #sender: Sender;
  readonly #observer: BusObserver;
  #pending: Announcement[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #bytesUnderWay = 0;
  /** Channels that nobody but this server heard when it last sent: there news would be written for nobody. */
  readonly #lonely = new Set<string>();

  constructor(nodes: RedisNodes, sender: Sender, observer: BusObserver) {
    this.#nodes = nodes;
    this.#sender = sender;
    this.#observer = observer;
  }

  put(announcement: Announcement): void {
    if (this.#pending.length >= LIMITS.busPendingMax) this.#observer.dropped('busy', 1);
    else if (this.#pending.push(announcement) === 1) setImmediate(() => this.#endTurn());
  }

  /** Sends what is left, if that can be done at once. */
  async close(): Promise<void> {
    this.#endTurn();
    await Promise.race([
      Promise.all(this.#underWay),
      setTimeout(LIMITS.busFarewellMsMax, null, { ref: false }),
    ]);
  }

  #endTurn(): void {
    const batch = this.#pending;
    this.#pending = [];
    try {
      for (const [link, parcels] of this.#parcelsOf(batch)) {
        const sent = this.#send(link, parcels).finally(() => this.#underWay.delete(sent));
        this.#underWay.add(sent);
      }
    } catch (cause) {
      this.#observer.failed(cause);
    }
  }

  #parcelsOf(batch: readonly Announcement[]): ReadonlyMap<RedisLink, readonly LinesParcel[]> {
    const parcels = new Map<RedisLink, LinesParcel[]>();
    for (const [channel, announcements] of groupBy(batch, ({ scope }) => channelOf(scope))) {
      const link = this.#nodes.linkOf(channel);
      const isBusy = this.#bytesUnderWay > LIMITS.busBytesUnderWayMax;
      if (!link?.canSend || isBusy) {
        this.#observer.dropped(isBusy ? 'busy' : 'away', announcements.length);
        continue;
      }
      const lines = announcements.map((announcement) => this.#lineOf(announcement, channel));
      const list = parcels.get(link) ?? [];
      parcels.set(link, list);
      for (const part of inParts(lines))
        list.push({ channel, text: writeMessage(this.#sender, part), count: part.length });
    }
    return parcels;
  }

  #lineOf(announcement: Announcement, channel: string): string {
    const news = this.#lonely.has(channel) ? null : announcement.news();
    return announcementLine(announcement, news && smallJson(news, LIMITS.busNewsBytesMax));
  }

  async #send(link: RedisLink, parcels: readonly LinesParcel[]): Promise<void> {
    const bytes = parcels.reduce((sum, { text }) => sum + text.length, 0);
    this.#bytesUnderWay += bytes;
    const deliveries = await link.send(parcels);
    this.#bytesUnderWay -= bytes;
    for (const [at, { channel, count }] of parcels.entries()) {
      const heardBy = deliveries[at] ?? null;
      if (heardBy === null) this.#observer.dropped('away', count);
      else this.#observer.sent(count);
      if (heardBy !== null && heardBy <= 1) this.#lonely.add(channel);
      else this.#lonely.delete(channel);
    }
  }
}
