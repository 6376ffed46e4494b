/** The live side of the finance domain in one server: its rooms, its queue of retries, and what others ask of them. */
import { performance } from 'node:perf_hooks';
import {
  type CachedPages,
  createFanOut,
  type Engine,
  type Logger,
  type OriginRules,
  type SocketEndpoint,
} from '@ackord/server';
import type { FinanceLive, QueueEntry, RetryQueue, SyncQueue } from '../live.ts';
import { statusMessage } from '../messages/announcements.ts';
import { syncStatusUpdate } from '../messages/sync-queue.ts';
import type { StatusTools } from '../status/data-status.ts';
import { financeEndpoint } from './endpoint.ts';
import { createFirstLoads } from './first-load.ts';
import type { SyncJournal } from './journal.ts';
import { createGroupKeeper } from './keep-groups.ts';
import { createEntryRetries, type EntryRetries, entryIdOf, type WaitingEntry } from './retry-queue.ts';
import { openRoom, type Room } from './room.ts';
import type { Session } from './session.ts';
import { createUnderWay, type SocketTools } from './socket-tools.ts';
import { createTryAgain } from './try-again.ts';

export interface FinanceHub extends FinanceLive, RetryQueue, SyncQueue {
  readonly endpoint: SocketEndpoint;
  /** Stops what runs by itself; sockets are closed before. */
  close(): Promise<void>;
}

export interface HubParts {
  readonly engine: Engine;
  readonly cache: CachedPages;
  readonly logger: Logger;
  readonly status: StatusTools;
  readonly journal: SyncJournal;
  readonly openAccess: boolean;
  readonly origins: OriginRules;
  readonly seenMarginMs: number;
}

export function createHub(parts: HubParts): FinanceHub {
  const { engine, cache, logger, status, journal, openAccess, origins, seenMarginMs } = parts;
  const rooms = new Map<string, Room>();
  const sessions = new Map<string, Session>();
  const fanOut = createFanOut();
  const underWay = createUnderWay();
  const groups = createGroupKeeper({
    engine,
    logger,
    tellAgain: async (tenantId, after, keys) =>
      rooms.get(tenantId)?.tellAgain(after, ({ key }) => keys.has(key)),
  });
  const maintenance = new Map<string, string>();

  const enter = (tenantId: string): Room => {
    const room =
      rooms.get(tenantId) ??
      openRoom(tenantId, {
        engine,
        fanOut,
        onNews: groups.note,
        onEmpty: () => {
          rooms.get(tenantId)?.close();
          rooms.delete(tenantId);
        },
      });
    rooms.set(tenantId, room);
    return room;
  };

  const tell: FinanceLive['tell'] = (tenantId, messages) => {
    const guests = rooms.get(tenantId)?.guests ?? new Set();
    const texts = messages.map((message) => JSON.stringify(message));
    for (const guest of guests) for (const text of texts) guest.send(text);
    return guests.size;
  };

  const retries: EntryRetries = createEntryRetries({
    retry: createTryAgain({
      engine,
      logger,
      journal,
      sessionOf: (id) => sessions.get(id) ?? null,
      onProgress: (tenantId, progress) => {
        const left = retries.waiting(tenantId).length > progress.decided;
        tell(tenantId, [syncStatusUpdate(tenantId, progress, left, Date.now())]);
      },
    }),
  });

  const statistics: SyncQueue['statistics'] = (tenantId) => {
    const waitingForCommit = underWay.of(tenantId);
    const waitingForRetry = retries.waiting(tenantId).length;
    const length = waitingForCommit + waitingForRetry;
    const failed = retries.failed(tenantId).length;
    return { length, waitingForCommit, waitingForRetry, failed, inProgress: waitingForCommit > 0 };
  };

  const onDecided: SocketTools['onDecided'] = (session, decided) => {
    const { tenantId, actor, id: sessionId } = session;
    for (const { entry, answer } of decided) {
      const isPassing = answer.type === 'sync_nack' && !answer.is_permanent;
      if (isPassing) retries.add(tenantId, { entry, actor, sessionId }, answer.reason);
      else if (retries.done(tenantId, entryIdOf(entry)) && answer.type === 'sync_ack')
        journal.accepted(tenantId, [entryIdOf(entry)]);
    }
    journal.refused(session, decided);
  };

  const entries: SyncQueue['entries'] = (tenantId) => [
    ...retries.waiting(tenantId).map((one) => queueEntry(one, one.nextAt)),
    ...retries.failed(tenantId).map((one) => queueEntry(one, null)),
  ];

  const settle: SyncQueue['settle'] = (tenantId, entryId) =>
    retries.done(tenantId, entryId) || retries.forgetFailed(tenantId, entryId);

  const tools: SocketTools = {
    engine,
    logger,
    status,
    retries,
    underWay,
    firstLoads: createFirstLoads(engine, cache),
    queue: { statistics, entries, settle },
    roomOf: (tenantId) => rooms.get(tenantId) ?? null,
    onDecided,
    onRefused: journal.unreadable,
    onLoaded: journal.loaded,
    seenMarginMs,
    clock: () => performance.now(),
  };

  return {
    endpoint: financeEndpoint({
      tools,
      openAccess,
      origins,
      enter,
      greeting: (tenantId) => {
        const message = maintenance.get(tenantId);
        return message === undefined ? statusMessage('online') : statusMessage('maintenance', message);
      },
      onOpened: (session) => sessions.set(session.id, session),
      onClosed(session, openedAt) {
        sessions.delete(session.id);
        journal.ended(session, openedAt);
      },
    }),
    statistics,
    entries,
    settle,
    clear: (tenantId) => retries.clear(tenantId),
    closeTenant(tenantId) {
      for (const guest of rooms.get(tenantId)?.guests ?? []) guest.endWithTenant();
    },
    tell,
    setMaintenance(tenantId, message) {
      if (message === null) maintenance.delete(tenantId);
      else maintenance.set(tenantId, message);
      if (maintenance.size > MAINTENANCE_MAX) maintenance.delete([...maintenance.keys()][0] ?? '');
    },
    connections: () => ({
      total: sessions.size,
      healthy: sessions.size,
      tenants: rooms.size,
      heartbeatActive: true,
    }),
    async close() {
      await Promise.all([retries.stop(), groups.stop()]);
      for (const room of rooms.values()) room.close();
    },
  };
}

const MAINTENANCE_MAX = 10_000;

const queueEntry = ({ entry, attempts, reason }: WaitingEntry, nextTry: number | null): QueueEntry => ({
  id: entryIdOf(entry),
  entity_type: entry.typeName,
  entity_id: entry.entityId,
  attempts,
  next_try: nextTry,
  reason,
});
