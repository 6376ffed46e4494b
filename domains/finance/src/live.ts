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
}

export interface RetryQueue {
  /** Forgets all entries of the tenant that wait for another try; answers how many there were. */
  clear(tenantId: string): number;
}
