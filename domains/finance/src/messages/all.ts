/** Every message that apps may send, by type. */
import { authenticate } from './authenticate.ts';
import { connectionStatusRequest } from './connection-status-request.ts';
import { dataStatusRequest } from './data-status-request.ts';
import { detectConflictsRequest } from './detect-conflicts.ts';
import type { MessageKind } from './message-kind.ts';
import { ping } from './ping.ts';
import { pong } from './pong.ts';
import { processSyncBatch } from './process-sync-batch.ts';
import { processSyncEntry } from './process-sync-entry.ts';
import { requestChanges } from './request-changes.ts';
import { requestInitialData } from './request-initial-data.ts';
import { getSyncQueueStatus, getSyncStatus, processSyncQueue, retryFailedEntries } from './sync-queue.ts';
import { tenantDisconnect } from './tenant-disconnect.ts';
import { triggerCyclicSync } from './trigger-cyclic-sync.ts';

const KINDS: readonly MessageKind[] = [
  processSyncEntry,
  processSyncBatch,
  requestInitialData,
  requestChanges,
  dataStatusRequest,
  detectConflictsRequest,
  authenticate,
  ping,
  pong,
  tenantDisconnect,
  connectionStatusRequest,
  processSyncQueue,
  retryFailedEntries,
  getSyncQueueStatus,
  getSyncStatus,
  triggerCyclicSync,
];

export const MESSAGES: ReadonlyMap<string, MessageKind> = new Map(
  KINDS.flatMap((kind) => [kind.type, ...(kind.alsoCalled ?? [])].map((name) => [name, kind] as const)),
);
