/**
 * One socket of an app in one tenant, from the moment that it is let in: what it has been given, what it is told, and
 * what it sends. Messages are looked up in a table (messages/all.ts); here is only what all of them share.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { formatInstant, LIMITS } from '@ackord/core';
import { type Actor, CLOSE, isAcknowledged, type LiveSocket, type Receipt } from '@ackord/server';
import { tenantScope } from '../access.ts';
import { dataUpdateText } from '../messages/data-update.ts';
import { encodeEntity } from '../wire/encode.ts';
import { type Decided, decideEntries, keyOf } from './decide-entries.ts';
import type { ReadEntry } from './decode-entry.ts';
import { createEcho } from './echo.ts';
import { createGivenLog } from './given-log.ts';
import { type Batch, batchOf, batchOfSome, type Guest, type Room, type Update } from './room.ts';
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
  receive(entries: readonly ReadEntry[], answer: (decided: readonly Decided[]) => void): Promise<void>;
  /** Decides entries, answers them by `answer`, and tells the app what it must hear, in this order. */
  decide(entries: readonly ReadEntry[], answer: (decided: readonly Decided[]) => void): Promise<void>;
  /** Everything, from one moment on. */
  load(): Promise<void>;
  readonly counts: SessionCounts;
  /**
   * An app may have two sockets, and take what comes late on the one for newer than what has come on the other. When
   * one ends of which it is not known that all arrived, the others are told of that once more.
   */
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

export function openSession(
  socket: LiveSocket,
  room: Room,
  actor: Actor,
  tools: SocketTools,
  lookAtAccess: () => void,
): Session {
  const { tenantId } = room;
  const id = randomUUID();
  const scope = tenantScope(tenantId);
  const given = createGivenLog({
    socket,
    sessionId: id,
    roomTold: room.told,
    joinedAt: () => joinedAt,
    sockets: () => room.size,
    clock: tools.clock,
  });
  const echo = createEcho();
  const counts: SessionCounts = { processed: 0, successful: 0, failed: 0, conflicts: 0, loads: 0 };
  let position: number | null = null;
  let isReading = false;
  /** Of the ways of entries to here; the device's clock being another one, any number. */
  let quickest = Number.POSITIVE_INFINITY;
  let loading: Promise<unknown> = Promise.resolve();
  let joinedAt = Number.POSITIVE_INFINITY;

  const sendUpdate = ({ key, seq, frame }: Update): void => {
    socket.send(frame);
    given.sentRecord(key, seq);
  };

  const deliver = ({ updates, to, writers, frames }: Batch): void => {
    if (socket.bufferedBytes > LIMITS.socketBehindBytesMax) {
      const from = position ?? 0;
      position = null;
      catchUpLater(from);
      return;
    }
    if (updates.length > 0) {
      const { leftOut, passed } = writers.has(id) || !echo.isIdle ? ownAmong(updates) : NONE_OWN;
      socket.sendFrames(frames, leftOut);
      for (const { key, seq } of passed) given.sentRecord(key, seq);
      given.told(to);
    }
    echo.reached(to);
    position = to;
  };

  /** Of its own changes, the places of those that it need not be told of, and the others. */
  const ownAmong = (updates: readonly Update[]): typeof NONE_OWN => {
    const leftOut = new Set<number>();
    const passed: Update[] = [];
    updates.forEach((update, at) => {
      if (update.device !== id) echo.outdated(update.key);
      else if (echo.passes(update)) passed.push(update);
      else leftOut.add(at);
    });
    return { leftOut, passed };
  };

  /**
   * Reads by itself from a position until it has come to where the room is. `loadedTo`: a load has told of everything up
   * to there, but for what came of the session's own changes.
   */
  const catchUp = async (from: number, loadedTo = 0): Promise<void> => {
    let at = from;
    while (socket.isOpen) {
      const read = await tools.engine.news(actor, 'finance', { scope, after: at });
      if (!read.ok) return lookAtAccess();
      if (read.news) {
        position = at;
        const isWanted = ({ device, seq }: Update): boolean => device === id || seq > loadedTo;
        const batch = batchOfSome(batchOf(tenantId, read.news), isWanted);
        deliver(batch);
        for (const { key, seq } of batch.updates) given.sentRecord(key, seq);
        if (position === null) return;
        at = read.news.to;
        position = null;
      }
      // That nothing was read does not mean that the room has not gone on since.
      if (at >= (room.position ?? 0)) {
        position = at;
        return;
      }
    }
  };

  const catchUpLater = (from: number): void => {
    const look = (): void => {
      if (!socket.isOpen) return;
      if (socket.bufferedBytes > LIMITS.socketBehindBytesMax / 2) {
        setTimeout(look, LIMITS.socketCatchUpMs).unref();
        return;
      }
      catchUp(from).catch(() => catchUpLater(from));
    };
    setTimeout(look, LIMITS.socketCatchUpMs).unref();
  };

  const guest: Guest = {
    get position() {
      return position;
    },
    begin(at) {
      if (isReading || position !== null) return;
      position = at;
      joinedAt = Math.min(joinedAt, at);
    },
    deliver,
    send: (text) => socket.send(text),
    tellAgain(updates) {
      const at = position;
      if (at === null) return;
      socket.together(() => {
        for (const update of updates) if (update.seq <= at) sendUpdate(update);
      });
    },
    lookAtAccess,
    endWithTenant: () => socket.close(CLOSE.goingAway, 'the tenant was deleted or set back'),
  };
  room.join(guest);

  /** A load passes over what the app is about to delete: once the app knows that the deletion was lost, it needs that. */
  const tellAgain = async (key: string, seq: number): Promise<void> => {
    const toldBefore = room.told.lastFor(key, id);
    const read = await tools.engine.news(actor, 'finance', { scope, after: seq - 1 });
    if (!read.ok || !read.news) return;
    const update = batchOf(tenantId, read.news).updates.find((one) => one.key === key);
    const toldNow = room.told.lastFor(key, id);
    if (update && (toldNow === toldBefore || toldNow <= update.seq)) sendUpdate(update);
  };

  /** Nothing was to be changed, and the app has noted another time all the same. */
  const tellStamp = ({ typeName, entityId, decoded }: ReadEntry, receipt: Receipt): void => {
    if (!decoded || !isAcknowledged(receipt) || receipt.stamp === null || receipt.record) return;
    const fields = { ...decoded.fields, editedAt: formatInstant(receipt.stamp) };
    const entity = encodeEntity(typeName, entityId, fields);
    socket.send(dataUpdateText(tenantId, { typeName, id: entityId, operation: 'update', entity }));
  };

  /**
   * The app notes the time of sending for a whole chunk, and then takes a while to send it: what an entry waited longer
   * than the quickest one belongs to its age.
   */
  const withoutDelay = (entries: readonly ReadEntry[], receivedAt: number): ReadEntry[] =>
    entries.map((entry) => {
      const { ageMs, attemptedAt } = entry;
      if (ageMs === null || attemptedAt === null) return entry;
      const underWay = receivedAt - attemptedAt;
      quickest = Math.min(quickest, underWay);
      // The order of a device's own edits goes by the server's clock: the device's may be set right between two of them.
      const change = { ...entry.change, madeAt: Math.round(Date.now() - ageMs) };
      return { ...entry, change, ageMs: ageMs + underWay - quickest };
    });

  const loadNow = async (): Promise<void> => {
    isReading = true;
    const before = position;
    const startedAt = tools.clock();
    position = null;
    try {
      const result = await tools.firstLoads.of(actor, tenantId);
      if (!result.ok) return lookAtAccess();
      const { head, frames, records } = result.load;
      const isFirst = counts.loads++ === 0;
      socket.together(() => {
        for (const frame of isFirst ? frames : frames.slice(0, 1)) socket.send(frame);
      });
      if (isFirst) given.sentAll(head);
      tools.onLoaded(session, records, tools.clock() - startedAt);
      // The app takes no more than the first load of a socket, and of that nothing that it is about to delete.
      await catchUp(Math.min(before ?? head, head), isFirst ? head : 0);
    } catch (cause) {
      position ??= before;
      throw cause;
    } finally {
      isReading = false;
    }
  };

  const session: Session = {
    id,
    tenantId,
    actor,
    tools,
    counts,
    send: (message) => socket.send(JSON.stringify(message)),
    async sendText(text) {
      socket.send(text);
      while (socket.isOpen && socket.bufferedBytes > LIMITS.socketBehindBytesMax) await pause(DRAIN_LOOK_MS);
    },
    async receive(entries, answer) {
      tools.underWay.add(tenantId, entries.length);
      try {
        await session.decide(entries, (decided) => {
          tools.onDecided(session, decided);
          answer(decided);
        });
      } finally {
        tools.underWay.remove(tenantId, entries.length);
      }
    },
    async decide(entries, answer) {
      const receivedAt = tools.clock();
      const changeIds = entries.map(({ change }) => String(change.changeId));
      for (const changeId of changeIds) echo.begin(changeId);
      const toldBefore = entries.map((entry) => room.told.lastFor(keyOf(tenantId, entry), id));
      let decided: readonly Decided[] = [];
      try {
        decided = await decideEntries(
          tools.engine,
          { tenantId, actor, sessionId: id, given },
          withoutDelay(entries, receivedAt),
          receivedAt,
        );
      } finally {
        if (decided.length === 0) for (const changeId of changeIds) echo.end(changeId, '', null, false);
      }
      count(counts, decided);
      socket.together(() => {
        answer(decided);
        decided.forEach(({ entry, receipt, mustHear }, at) => {
          const seq = 'seq' in receipt ? receipt.seq : null;
          const held = echo.end(changeIds[at] ?? '', keyOf(tenantId, entry), seq, mustHear);
          if (held) sendUpdate(held);
          else if (
            mustHear &&
            seq === null &&
            room.told.lastFor(keyOf(tenantId, entry), id) === toldBefore[at]
          )
            tellStamp(entry, receipt);
        });
      });
      for (const { entry, receipt } of decided)
        if (isLostAgain(entry, receipt)) await tellAgain(keyOf(tenantId, entry), receipt.seq ?? 0);
    },
    load() {
      // One after the other, or each would take the other's position for its own.
      const mine = loading.then(loadNow);
      loading = mine.catch(() => undefined);
      return mine;
    },
    async close() {
      room.leave(guest);
      const from = Math.max(given.arrivedTo, Number.isFinite(joinedAt) ? joinedAt : 0);
      const isLate = from < (room.position ?? 0);
      if (!isLate || room.size === 0 || room.size > LIMITS.tellAgainSocketsMax) return;
      const read = await tools.engine.news(actor, 'finance', { scope, after: from });
      if (!read.ok || !read.news) return;
      const { updates } = batchOf(tenantId, read.news);
      for (const other of room.guests) other.tellAgain(updates);
    },
  };
  return session;
}

const DRAIN_LOOK_MS = 20;

const NONE_OWN: { readonly leftOut: ReadonlySet<number>; readonly passed: readonly Update[] } = {
  leftOut: new Set(),
  passed: [],
};

/** A deletion that was sent again after it had been lost. */
const isLostAgain = (
  { decoded }: ReadEntry,
  receipt: Receipt,
): receipt is Extract<Receipt, { stands: boolean }> =>
  decoded === null && isAcknowledged(receipt) && receipt.replayed && !receipt.stands;

function count(counts: SessionCounts, decided: readonly Decided[]): void {
  for (const { answer } of decided) {
    counts.processed++;
    if (answer.type === 'sync_nack') counts.failed++;
    else counts.successful++;
    if (answer.type === 'sync_ack' && answer.outcome === 'conflict') counts.conflicts++;
  }
}
