/**
 * The bus between the processes of one server: what was announced in one turn of the event loop goes to the others
 * together, in the same words as over Redis, so that a process on another life of the database is not listened to.
 * Promise: publishing never waits and never throws. What can't be sent is dropped; heads are looked at as well.
 */
import { randomUUID } from 'node:crypto';
import { LIMITS } from '@ackord/core';
import type { Announcement } from '../engine/announcement.ts';
import type { Bus, Store } from '../engine/ports.ts';
import type { Siblings } from '../siblings/ports.ts';
import { inParts } from './in-parts.ts';
import { announcementLine, readMessage, type Sender, writeMessage } from './message.ts';
import { smallJson } from './small-json.ts';

export interface SiblingBusOptions {
  readonly siblings: Pick<Siblings, 'tell' | 'listen'>;
  readonly store: Pick<Store, 'epoch' | 'cursorKeys'>;
  /** The form of the records of all domains. */
  readonly schema: string;
  /** A listener failed: a defect. */
  readonly onDefect: (cause: unknown) => void;
}

export function createSiblingBus({ siblings, store, schema, onDefect }: SiblingBusOptions): Bus {
  const sender: Sender = { server: randomUUID(), schema, store };
  const listeners = new Set<(announcement: Announcement) => void>();
  let pending: Announcement[] = [];

  const endTurn = (): void => {
    const batch = pending;
    pending = [];
    try {
      for (const part of inParts(batch.map(lineOf))) siblings.tell(writeMessage(sender, part));
    } catch (cause) {
      onDefect(cause);
    }
  };
  siblings.listen((text) => {
    const reading = readMessage(sender, text);
    if (reading.kind !== 'heard') return;
    for (const announcement of reading.announcements)
      for (const listener of listeners)
        try {
          listener(announcement);
        } catch (cause) {
          onDefect(cause);
        }
  });
  return {
    publish(announcement) {
      for (const listener of listeners) listener(announcement);
      if (pending.length < LIMITS.busPendingMax && pending.push(announcement) === 1) setImmediate(endTurn);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function lineOf(announcement: Announcement): string {
  const news = announcement.news();
  return announcementLine(announcement, news && smallJson(news, LIMITS.busNewsBytesMax));
}
