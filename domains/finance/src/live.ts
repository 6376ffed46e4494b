/**
 * What REST needs to know of the live side: the sockets that are open, and the queue of entries that the server tries
 * again. Both live in this process.
 */

export interface ConnectionCounts {
  readonly total: number;
  /** Those that answered lately, or wrote. */
  readonly healthy: number;
  /** Tenants with at least one socket. */
  readonly tenants: number;
  readonly heartbeatActive: boolean;
}

export interface FinanceLive {
  /** Closes every socket of the tenant; their apps connect again. */
  closeTenant(tenantId: string, code: number): void;
  connections(): ConnectionCounts;
  /** Sends messages to every socket of the tenant on this server; answers how many there are. */
  tell(tenantId: string, messages: readonly object[]): number;
  /** Apps of the tenant that connect are told that it is being worked on; null: no more. */
  setMaintenance(tenantId: string, message: string | null): void;
}

export interface RetryQueue {
  /** Forgets all entries of the tenant that wait for another try; answers how many there were. */
  clear(tenantId: string): number;
}

/** How many entries of a tenant are on their way, on this server. */
export interface QueueStatistics {
  /** Waiting for a commit and waiting for another try. */
  readonly length: number;
  readonly waitingForCommit: number;
  readonly waitingForRetry: number;
  /** Given up, and still remembered. */
  readonly failed: number;
  readonly inProgress: boolean;
}

/** An entry that waits for another try, or was given up. */
export interface QueueEntry {
  readonly id: string;
  readonly entity_type: string;
  readonly entity_id: string;
  readonly attempts: number;
  /** Milliseconds since 1970; null: it is not tried again. */
  readonly next_try: number | null;
  /** As the `reason` of a `sync_nack`. */
  readonly reason: string;
}

/** What administrators see and decide of the queue. */
export interface SyncQueue {
  statistics(tenantId: string): QueueStatistics;
  /** Those that wait for another try and those that were given up. */
  entries(tenantId: string): readonly QueueEntry[];
  /** Forgets an entry: it is tried no more, and counts neither as waiting nor as failed. False: there is no such entry. */
  settle(tenantId: string, entryId: string, how: 'acknowledged' | 'rejected'): boolean;
}
