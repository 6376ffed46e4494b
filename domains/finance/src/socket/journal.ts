/**
 * What is kept of a tenant's syncing: entries that were refused, loads, and a row per session. All of it is written soon
 * and never waited for.
 */
import type { ErrorCode } from '@ackord/core';
import type { SyncModels } from '@ackord/server';
import type { SyncNack } from '../messages/sync-entry.ts';
import type { Decided } from './decide-entries.ts';
import type { Refusal } from './decode-entry.ts';
import type { Session } from './session.ts';

export interface SyncJournal {
  /** Entries that the engine did not accept; `retries`: how often the server had tried each again. */
  refused(
    session: Pick<Session, 'tenantId' | 'actor'>,
    decided: readonly Decided[],
    retries?: (entryId: string) => number,
  ): void;
  /** Entries that had failed before, and are accepted now. */
  accepted(tenantId: string, entryIds: readonly string[]): void;
  /** One that did not even become a change. */
  unreadable(session: Pick<Session, 'tenantId' | 'actor'>, nack: Refusal): void;
  loaded(session: Session, records: number, milliseconds: number): void;
  ended(session: Session, openedAt: number): void;
}

export function createSyncJournal(models: SyncModels, now: () => number): SyncJournal {
  const record = (
    { tenantId, actor }: Pick<Session, 'tenantId' | 'actor'>,
    nacks: readonly (Refusal | SyncNack)[],
    retries: (entryId: string) => number = () => 0,
  ): void => {
    const refusals = nacks.flatMap((nack) => {
      const { id, entityType, entityId, operationType } = nack;
      if (id === null) return [];
      return {
        tenantId,
        entryId: id,
        actor: actor.userId,
        entityType: entityType ?? '',
        entityId: entityId ?? '',
        operation: operationType ?? '',
        code: nack.code as ErrorCode,
        message: nack.detail,
        retryCount: retries(id),
        at: now(),
      };
    });
    if (refusals.length > 0) models.recordRefusals(refusals);
  };
  return {
    refused: (session, decided, retries) =>
      record(
        session,
        decided.flatMap(({ answer }) => (answer.type === 'sync_nack' ? [answer] : [])),
        retries,
      ),
    accepted: (tenantId, entryIds) => {
      if (entryIds.length > 0) models.recordProcessed(tenantId, entryIds);
    },
    unreadable: (session, nack) => record(session, [nack]),
    loaded: ({ tenantId, id }, records, milliseconds) =>
      models.noteLoad({ tenantId, sessionId: id, records, milliseconds }),
    ended({ tenantId, id, counts }, openedAt) {
      // Sockets that only listened are no syncs.
      if (counts.processed === 0) return;
      const start = { tenantId, sessionId: id, syncType: 'automatic', trigger: 'websocket' } as const;
      models.endSession(
        { id, start, startTime: openedAt },
        {
          processed: counts.processed,
          successful: counts.successful,
          failed: counts.failed,
          conflicts: counts.conflicts,
          success: counts.failed === 0,
          ...(counts.failed > 0 && { errorSummary: `${counts.failed} entries were not accepted.` }),
          performance: { loads: counts.loads },
        },
      );
    },
  };
}
