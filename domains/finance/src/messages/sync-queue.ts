/**
 * The queue of entries that the server tries again: `process_sync_queue` and `retry_failed_entries` try them now →
 * `sync_queue_status`; `get_sync_queue_status` looks → `sync_queue_status_info`; `get_sync_status` → `sync_status`.
 */
import { z } from 'zod';
import type { Session } from '../socket/session.ts';
import { lastSyncSeconds } from '../status/data-status.ts';
import { messageKind } from './message-kind.ts';

/** What a round of tries came to. */
export interface Progress {
  readonly processed: number;
  /** Accepted or refused for good. */
  readonly decided: number;
  readonly accepted: number;
}

/** `sync_status_update`: the server has got on with what waited for another try. */
export const syncStatusUpdate = (
  tenantId: string,
  { processed, accepted }: Progress,
  hasPending: boolean,
  at: number,
) => ({
  type: 'sync_status_update',
  tenant_id: tenantId,
  processed_count: processed,
  successful_count: accepted,
  failed_count: processed - accepted,
  has_pending_entries: hasPending,
  timestamp: Math.floor(at / 1_000),
});

const ofTenant = z.object({ tenant_id: z.string().optional(), use_staged_sync: z.boolean().optional() });

/** Tries all that waits for another try, once. */
export async function tryNow({ tools, tenantId }: Session) {
  const before = tools.retries.waiting(tenantId);
  await tools.retries.tryNow(tenantId);
  const left = new Set(tools.retries.waiting(tenantId).map(({ entry }) => entry.name.id));
  const failed = before.flatMap(({ entry }) => (left.has(entry.name.id) ? [entry.name.id] : []));
  return {
    tenant_id: tenantId,
    processed_count: before.length,
    successful_count: before.length - failed.length,
    failed_count: failed.length,
    failed_entries: failed,
    has_pending_entries: left.size > 0,
  };
}

const handle = async (session: Session): Promise<void> =>
  session.send({ type: 'sync_queue_status', ...(await tryNow(session)) });

export const processSyncQueue = messageKind({ type: 'process_sync_queue', schema: ofTenant, handle });

export const retryFailedEntries = messageKind({
  type: 'retry_failed_entries',
  schema: ofTenant,
  async handle(session) {
    // What was given up gets another chance too.
    session.tools.retries.revive(session.tenantId);
    await handle(session);
  },
});

export const getSyncQueueStatus = messageKind({
  type: 'get_sync_queue_status',
  schema: ofTenant,
  handle(session) {
    const { length, failed, waitingForRetry } = session.tools.queue.statistics(session.tenantId);
    session.send({
      type: 'sync_queue_status_info',
      tenant_id: session.tenantId,
      pending_count: length,
      failed_count: failed,
      retryable_count: waitingForRetry,
      has_pending_entries: length > 0,
    });
  },
});

export const getSyncStatus = messageKind({
  type: 'get_sync_status',
  schema: ofTenant,
  async handle(session) {
    const { length, failed, inProgress } = session.tools.queue.statistics(session.tenantId);
    session.send({
      type: 'sync_status',
      tenant_id: session.tenantId,
      queue_length: length,
      last_sync_time: await lastSyncSeconds(session.tools.engine, session.actor, session.tenantId),
      sync_in_progress: inProgress,
      failed_entries_count: failed,
    });
  },
});
