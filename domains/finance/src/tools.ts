/** What the REST routes of the finance domain are given. All of it outlives a request. */
import type { Accounts, Engine, FileStore, UserStore } from '@ackord/server';
import type { FinanceLive, RetryQueue } from './live.ts';

export interface FinanceTools {
  readonly engine: Engine;
  readonly accounts: Accounts;
  readonly users: UserStore;
  readonly fileStore: FileStore;
  readonly live: FinanceLive;
  readonly retryQueue: RetryQueue;
  /** Whoever names a tenant or a user without a token is believed. */
  readonly openAccess: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
