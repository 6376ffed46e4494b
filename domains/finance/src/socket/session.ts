/**
 * One socket of an app in one tenant, from the moment that it is let in: what it is told (catch-up.ts, loading.ts) and
 * what it sends (deciding.ts). Messages are looked up in a table (messages/all.ts); here is what all of them share.
 * Thousands of sessions exist at once, so what belongs to one is methods, not closures.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { LIMITS } from '@ackord/core';
import type { Actor, LiveSocket } from '@ackord/server';
import { Listener, type SessionParts } from './catch-up.ts';
import type { Decided } from './decide-entries.ts';
import { type Answer, Deciding } from './deciding.ts';
import type { ReadEntry } from './decode-entry.ts';
import { Loading } from './loading.ts';
import type { Room } from './room.ts';
import type { SocketTools } from './socket-tools.ts';

export interface Session {
  readonly id: string;
  readonly tenantId: string;
  readonly actor: Actor;
  readonly tools: SocketTools;
  send(message: object): void;
  /** Resolves when the app has read enough for more to be sent. */
  sendText(text: string): Promise<void>;
  /** As `decide`, for entries that have just come in: they count as under way. */
  receive(entries: readonly ReadEntry[], answer: Answer): Promise<void>;
  /** Decides entries, answers them by `answer`, and tells the app what it must hear, in this order. */
  decide(entries: readonly ReadEntry[], answer: Answer): Promise<void>;
  /** Everything, from one moment on. */
  load(): Promise<void>;
  readonly counts: SessionCounts;
  /** Resolves when others of the tenant have been told again of what may not have arrived here. */
  close(): Promise<void>;
}

/** For the row that is kept of the session. */
export interface SessionCounts {
  processed: number;
  successful: number;
  failed: number;
  conflicts: number;
  loads: number;
}

export const openSession = (
  socket: LiveSocket,
  room: Room,
  actor: Actor,
  tools: SocketTools,
  lookAtAccess: () => void,
): Session => new SocketSession({ id: randomUUID(), socket, room, actor, tools, lookAtAccess });

class SocketSession implements Session {
  readonly id: string;
  readonly tenantId: string;
  readonly actor: Actor;
  readonly tools: SocketTools;
  readonly counts: SessionCounts = { processed: 0, successful: 0, failed: 0, conflicts: 0, loads: 0 };
  readonly #parts: SessionParts;
  readonly #listener: Listener;
  readonly #loading: Loading;
  readonly #deciding: Deciding;

  constructor(parts: SessionParts) {
    const { id, room, actor, tools } = parts;
    this.id = id;
    this.tenantId = room.tenantId;
    this.actor = actor;
    this.tools = tools;
    this.#parts = parts;
    const listener = new Listener(parts);
    this.#listener = listener;
    this.#loading = new Loading({
      parts,
      listener,
      onLoaded: (records, milliseconds) => {
        this.counts.loads++;
        tools.onLoaded(this, records, milliseconds);
      },
    });
    this.#deciding = new Deciding(parts, listener);
    room.join(listener);
  }

  send(message: object): void {
    this.#parts.socket.send(JSON.stringify(message));
    this.#listener.given.sentAnswer();
  }

  async sendText(text: string): Promise<void> {
    const { socket } = this.#parts;
    socket.send(text);
    while (socket.isOpen && socket.bufferedBytes > LIMITS.socketBehindBytesMax) await pause(DRAIN_LOOK_MS);
  }

  receive(entries: readonly ReadEntry[], answer: Answer): Promise<void> {
    return this.#deciding.receive(entries, (decided) => {
      count(this.counts, decided);
      this.tools.onDecided(this, decided);
      answer(decided);
    });
  }

  decide(entries: readonly ReadEntry[], answer: Answer): Promise<void> {
    return this.#deciding.decide(entries, (decided) => {
      count(this.counts, decided);
      answer(decided);
    });
  }

  load(): Promise<void> {
    return this.#loading.load();
  }

  close(): Promise<void> {
    const { joinedAt, given } = this.#listener;
    const toldTo = Math.max(given.arrivedTo, Number.isFinite(joinedAt) ? joinedAt : 0);
    return this.#parts.room.leave(this.#listener, toldTo);
  }
}

const DRAIN_LOOK_MS = 20;

function count(counts: SessionCounts, decided: readonly Decided[]): void {
  for (const { answer } of decided) {
    counts.processed++;
    if (answer.type === 'sync_nack') counts.failed++;
    else counts.successful++;
    if (answer.type === 'sync_ack' && answer.outcome === 'conflict') counts.conflicts++;
  }
}
