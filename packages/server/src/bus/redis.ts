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
import type { Announcement } from '../engine/announcement.ts';
import type { Bus, Store } from '../engine/ports.ts';
import type { RedisPlace } from '../redis/place.ts';
import type { RedisWatch } from '../redis/watch.ts';
import { CHANNELS } from './channels.ts';
import { readMessage, type Sender } from './message.ts';
import { Outbox } from './outbox.ts';
import { openNodes } from './redis-nodes.ts';

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

export function createRedisBus({ redis, store, schema, observer, watch }: RedisBusOptions): RedisBus {
  const sender: Sender = { server: randomUUID(), schema, store };
  const listeners = new Set<(announcement: Announcement) => void>();
  let closed = false;

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
  const nodes = openNodes(redis, CHANNELS, {
    onMessage: receive,
    onUp: () => watch.up('bus'),
    onDown: (cause) => watch.down('bus', cause),
  });
  const outbox = new Outbox(nodes, sender, observer);

  return {
    publish(announcement) {
      for (const listener of listeners) listener(announcement);
      if (!closed) outbox.put(announcement);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      closed = true;
      await outbox.close();
      nodes.stop();
    },
  };
}
