/**
 * What a session is told of its room: handed to it by the room, or, where it can't keep up or comes in anew, read by
 * itself until it has come to where the room is.
 */
import { LIMITS } from '@ackord/core';
import { type Actor, CLOSE, type LiveSocket } from '@ackord/server';
import { tenantScope } from '../access.ts';
import { type Batch, batchOf, batchOfSome, type Update } from './batch.ts';
import { Echo } from './echo.ts';
import { createGivenLog, type GivenLog } from './given-log.ts';
import type { Guest, Room } from './room.ts';
import type { SocketTools } from './socket-tools.ts';

export interface SessionParts {
  readonly id: string;
  readonly socket: LiveSocket;
  readonly room: Room;
  readonly actor: Actor;
  readonly tools: SocketTools;
  /** Somebody's role has changed, or nothing can be read any more. */
  readonly lookAtAccess: () => void;
}

export class Listener implements Guest {
  readonly given: GivenLog;
  readonly echo = new Echo();
  position: number | null = null;
  joinedAt = Number.POSITIVE_INFINITY;
  /** A load is under way: nothing is told before it. */
  isLoading = false;
  readonly #parts: SessionParts;

  constructor(parts: SessionParts) {
    const { socket, id: sessionId, room, tools } = parts;
    this.#parts = parts;
    this.given = createGivenLog({
      socket,
      sessionId,
      room,
      joinedAt: () => this.joinedAt,
      clock: tools.clock,
    });
  }

  begin(at: number): void {
    if (this.isLoading || this.position !== null) return;
    this.position = at;
    this.joinedAt = Math.min(this.joinedAt, at);
  }

  deliver({ updates, to, writers, frames }: Batch): void {
    const { socket, id } = this.#parts;
    if (socket.bufferedBytes > LIMITS.socketBehindBytesMax) {
      const from = this.position ?? 0;
      this.position = null;
      this.#catchUpLater(from);
      return;
    }
    if (updates.length > 0) {
      const { leftOut, passed } = writers.has(id) || !this.echo.isIdle ? this.#ownAmong(updates) : NONE_OWN;
      socket.sendFrames(frames, leftOut);
      for (const { key, seq } of passed) this.given.sentRecord(key, seq);
      this.given.told(to);
    }
    this.echo.reached(to);
    this.position = to;
  }

  send(text: string): void {
    this.#parts.socket.send(text);
  }

  /** One update beside those that the room hands out. */
  sendUpdate({ key, seq, frame }: Update): void {
    this.#parts.socket.send(frame);
    this.given.sentRecord(key, seq);
  }

  tellAgain(updates: readonly Update[]): void {
    const at = this.position;
    if (at === null) return;
    this.#parts.socket.together(() => {
      for (const update of updates) if (update.seq <= at) this.sendUpdate(update);
    });
  }

  lookAtAccess(): void {
    this.#parts.lookAtAccess();
  }

  endWithTenant(): void {
    this.#parts.socket.close(CLOSE.goingAway, 'the tenant was deleted or set back');
  }

  /** `loadedTo`: a load has told of everything up to there, but for what came of the session's own changes. */
  async catchUp(from: number, loadedTo = 0): Promise<void> {
    const { socket, id, room, actor, tools } = this.#parts;
    const scope = tenantScope(room.tenantId);
    let at = from;
    while (socket.isOpen) {
      const read = await tools.engine.news(actor, 'finance', { scope, after: at });
      if (!read.ok) return this.lookAtAccess();
      if (read.news) {
        this.position = at;
        const isWanted = ({ device, seq }: Update): boolean => device === id || seq > loadedTo;
        const batch = batchOfSome(batchOf(room.tenantId, read.news), isWanted);
        this.deliver(batch);
        for (const { key, seq } of batch.updates) this.given.sentRecord(key, seq);
        if (this.position === null) return;
        at = read.news.to;
        this.position = null;
      }
      // That nothing was read does not mean that the room has not gone on since.
      if (at >= (room.position ?? 0)) {
        this.position = at;
        return;
      }
    }
  }

  #catchUpLater(from: number): void {
    const { socket } = this.#parts;
    const look = (): void => {
      if (!socket.isOpen) return;
      if (socket.bufferedBytes > LIMITS.socketBehindBytesMax / 2) {
        setTimeout(look, LIMITS.socketCatchUpMs).unref();
        return;
      }
      this.catchUp(from).catch(() => this.#catchUpLater(from));
    };
    setTimeout(look, LIMITS.socketCatchUpMs).unref();
  }

  /** Of its own changes, the places of those that it need not be told of, and the others. */
  #ownAmong(updates: readonly Update[]): typeof NONE_OWN {
    const leftOut = new Set<number>();
    const passed: Update[] = [];
    updates.forEach((update, at) => {
      if (update.device !== this.#parts.id) this.echo.outdated(update.key);
      else if (this.echo.passes(update)) passed.push(update);
      else leftOut.add(at);
    });
    return { leftOut, passed };
  }
}

const NONE_OWN: { readonly leftOut: ReadonlySet<number>; readonly passed: readonly Update[] } = {
  leftOut: new Set(),
  passed: [],
};
