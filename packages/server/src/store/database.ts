/**
 * Connections to PostgreSQL: a bounded pool, sessions set up alike, every failure classified.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { LIMITS } from '@ackord/core';
import pg from 'pg';
import { type Connection, connectionOf } from './connection.ts';
import { DatabaseFailure, failureOf } from './failure.ts';
import { recoveryOf } from './recovery.ts';
import { typeParsers } from './type-parsers.ts';

export const SCHEMA = 'ackord';

export interface DatabaseConfig {
  readonly url: string;
  readonly poolMax: number;
  /** A role to act as, where the login itself may do more than it should. */
  readonly role: string | null;
  /** How long a statement may take; 0: as long as it needs. */
  readonly statementMsMax: number;
  /**
   * Runs before the next connection is handed out after one was lost: the database that answers then may be another
   * one, a standby that took over. While it rejects, there are no connections.
   */
  readonly afterLoss?: () => Promise<void>;
  readonly log: (line: string) => void;
}

export interface PoolStatistics {
  readonly total: number;
  readonly idle: number;
  /** Callers that wait for a connection. */
  readonly waiting: number;
  readonly max: number;
}

export interface Database {
  /** Rejects with a DatabaseFailure `unavailable` when there is none within LIMITS.databaseConnectMsMax. */
  connect(): Promise<Connection>;
  /** Runs the work on a connection of its own. */
  use<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  statistics(): PoolStatistics;
  close(): Promise<void>;
}

export function openDatabase(config: DatabaseConfig): Database {
  const recovery = recoveryOf(config.afterLoss ?? (() => Promise.resolve()));
  // PostgreSQL itself ends what takes too long, so this is a machine or a network that is gone without a word; the
  // system would wait for it for a quarter of an hour.
  const silenceMsMax = 2 * config.statementMsMax;
  const pool = new pg.Pool({
    connectionString: config.url,
    max: config.poolMax,
    connectionTimeoutMillis: LIMITS.databaseConnectMsMax,
    idleTimeoutMillis: LIMITS.databaseIdleConnectionMsMax,
    keepAlive: true,
    keepAliveInitialDelayMillis: LIMITS.databaseKeepAliveMs,
    application_name: 'ackord',
    statement_timeout: config.statementMsMax,
    // Frees the scopes that a frozen server holds.
    idle_in_transaction_session_timeout: LIMITS.idleTransactionMsMax,
    options: sessionOptions(config.role),
    types: typeParsers,
  });
  const sessions = sessionsOf(pool);
  let isClosing = false;
  // Without listeners a lost connection would end the process: its caller, or the next one, hears of it anyway.
  pool.on('error', (error) => {
    if (isClosing) return;
    config.log(`an idle database connection was lost: ${error.message}`);
    recovery.begin();
  });

  async function connect(): Promise<Connection> {
    if (isClosing) throw new DatabaseFailure('unavailable', 'the server stops');
    try {
      const client = await pool.connect();
      try {
        await recovery.done();
        return connectionOf(client, recovery.begin, silenceMsMax);
      } catch (error) {
        client.release();
        throw error;
      }
    } catch (error) {
      throw failureOf(error);
    }
  }

  return {
    connect,
    async use(work) {
      const connection = await connect();
      try {
        return await work(connection);
      } finally {
        connection.release();
      }
    },
    statistics: () => ({
      total: pool.totalCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
      max: config.poolMax,
    }),
    async close() {
      isClosing = true;
      await pool.end();
      await sessions.ended();
    },
  };
}

/**
 * The pool says that it has ended when it has said so to PostgreSQL. One that is stopped at once would still find the
 * sessions there, and complain of each of them.
 */
function sessionsOf(pool: pg.Pool): { ended(): Promise<unknown> } {
  const open = new Map<pg.PoolClient, Promise<void>>();
  pool.on('connect', (client) => {
    client.on('error', () => {});
    const end = new Promise<void>((resolve) => client.once('end', resolve));
    open.set(client, end);
    void end.then(() => open.delete(client));
  });
  return {
    ended: () =>
      Promise.race([Promise.all(open.values()), sleep(LIMITS.sessionEndMsMax, null, { ref: false })]),
  };
}

/**
 * Custom plans, since a cached one can't tell which shards a list of scopes names, and keeps to the index that looked
 * best when the tables were empty. No JIT, which would compile for longer than any of these statements runs. Neither
 * bitmap nor sequential scans: every statement walks an index, in its order; on a table that has grown since it was
 * last analyzed the planner would collect a whole scope and sort it for one page of its feed (200,000 records: 126 ms
 * instead of 7). What they read is mostly cached, hence the price of a page.
 */
function sessionOptions(role: string | null): string {
  const settings = {
    search_path: SCHEMA,
    plan_cache_mode: 'force_custom_plan',
    jit: 'off',
    enable_bitmapscan: 'off',
    enable_seqscan: 'off',
    random_page_cost: '1.1',
    TimeZone: 'UTC',
    DateStyle: 'ISO',
    ...(role === null ? {} : { role }),
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}
