/** The live side of the finance domain in one server: its rooms, its queue of retries, and what others ask of them. */
import { performance } from 'node:perf_hooks';
import type { Engine, Logger, OriginRules, SocketEndpoint } from '@ackord/server';
import type { FinanceLive, QueueEntry, RetryQueue, SyncQueue } from '../live.ts';
import type { StatusTools } from '../status/data-status.ts';
import { type Decided, decideEntries } from './decide-entries.ts';
import type { ReadEntry } from './decode-entry.ts';
import { financeEndpoint } from './endpoint.ts';
import { createFanOut } from './fan-out.ts';
import { createFirstLoads } from './first-load.ts';
import type { GivenLog } from './given-log.ts';
import type { SyncJournal } from './journal.ts';
import { createEntryRetries, entryIdOf, type WaitingEntry } from './retry-queue.ts';
import { openRoom, type Room } from './room.ts';
import type { Session } from './session.ts';
import { createUnderWay, type SocketTools } from './socket-tools.ts';

export interface FinanceHub extends FinanceLive, RetryQueue, SyncQueue {
  readonly endpoint: SocketEndpoint;
  /** Stops what runs by itself; sockets are closed before. */
  close(): Promise<void>;
}

export interface HubParts {
  readonly engine: Engine;
  readonly logger: Logger;
  readonly status: StatusTools;
  readonly journal: SyncJournal;
  readonly openAccess: boolean;
  readonly origins: OriginRules;
}

export function createHub({ engine, logger, status, journal, openAccess, origins }: HubParts): FinanceHub {
  const rooms = new Map<string, Room>();
  const sessions = new Map<string, Session>();
  const fanOut = createFanOut();
  const underWay = createUnderWay();

  const enter = (tenantId: string): Room => {
    const room =
      rooms.get(tenantId) ??
      openRoom(tenantId, {
        engine,
        fanOut,
        onEmpty: () => {
          rooms.get(tenantId)?.close();
          rooms.delete(tenantId);
        },
      });
    rooms.set(tenantId, room);
    return room;
  };

  const retries = createEntryRetries({
    async retry(tenantId, entries) {
      const answers = new Map<string, Decided['answer']>();
      for (const [sessionId, sent] of bySession(entries)) {
        const [first] = sent;
        if (!first) continue;
        const list = sent.map(({ entry }) => entry);
        const decided = await decideAgain(tenantId, sessionId, first.actor, list);
        for (const { answer, entry } of decided) answers.set(entryIdOf(entry), answer);
        const attempts = new Map(sent.map((one) => [entryIdOf(one.entry), one.attempts]));
        journal.refused({ tenantId, actor: first.actor }, decided, (id) => attempts.get(id) ?? 0);
      }
      const isAcked = (id: string): boolean => answers.get(id)?.type === 'sync_ack';
      journal.accepted(tenantId, entries.map(({ entry }) => entryIdOf(entry)).filter(isAcked));
      return entries.map(({ entry }) => {
        const answer = answers.get(entryIdOf(entry));
        if (answer?.type === 'sync_nack' && !answer.is_permanent) return { ok: false, reason: answer.reason };
        return answer ? { ok: true } : { ok: false, reason: 'processing_error' };
      });
    },
  });

  /** Who is still there is told what became of it; a passing fault it was told of already. */
  const decideAgain = async (
    tenantId: string,
    sessionId: string,
    actor: Session['actor'],
    entries: readonly ReadEntry[],
  ): Promise<readonly Decided[]> => {
    try {
      const session = sessions.get(sessionId);
      if (!session)
        return await decideEntries(engine, { tenantId, actor, sessionId, given: NOTHING_GIVEN }, entries, 0);
      let result: readonly Decided[] = [];
      await session.decide(entries, (decided) => {
        result = decided;
        for (const { answer } of decided)
          if (answer.type === 'sync_ack' || answer.is_permanent) session.send(answer);
      });
      return result;
    } catch (cause) {
      logger.warn({ err: cause }, 'entries could not be tried again');
      return [];
    }
  };

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
    firstLoads: createFirstLoads(engine),
    queue: { statistics, entries, settle },
    roomOf: (tenantId) => rooms.get(tenantId) ?? null,
    onDecided,
    onRefused: journal.unreadable,
    onLoaded: journal.loaded,
    clock: () => performance.now(),
  };

  return {
    endpoint: financeEndpoint({
      tools,
      openAccess,
      origins,
      enter,
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
    connections: () => ({
      total: sessions.size,
      healthy: sessions.size,
      tenants: rooms.size,
      heartbeatActive: true,
    }),
    async close() {
      await retries.stop();
      for (const room of rooms.values()) room.close();
    },
  };
}

/** Of a session that is gone nobody knows what its app had been given. */
const NOTHING_GIVEN: GivenLog = {
  sentAll: () => {},
  told: () => {},
  sentRecord: () => {},
  seenAt: () => 0,
  mayHaveComeAfter: () => true,
};

function bySession(entries: readonly WaitingEntry[]): Map<string, WaitingEntry[]> {
  const groups = new Map<string, WaitingEntry[]>();
  for (const one of entries) groups.set(one.sessionId, [...(groups.get(one.sessionId) ?? []), one]);
  return groups;
}

const queueEntry = ({ entry, attempts, reason }: WaitingEntry, nextTry: number | null): QueueEntry => ({
  id: entryIdOf(entry),
  entity_type: entry.typeName,
  entity_id: entry.entityId,
  attempts,
  next_try: nextTry,
  reason,
});
