/**
 * Connections to PostgreSQL: a bounded pool, sessions set up alike, every failure classified.
 *
 * Statements that are asked for together travel together: the driver's pipeline sends them without waiting for the
 * answers in between, so a batch takes three round trips instead of fifteen.
 */
import { LIMITS } from '@ackord/core';
import pg from 'pg';
import { type DatabaseFailure, failureOf, isConnectionLost } from './failure.ts';
import type { Statement } from './statement.ts';
import { typeParsers } from './type-parsers.ts';

export const SCHEMA = 'ackord';

/** A parameter: a scalar, or a column of many rows from sql-arrays.ts. */
export type SqlValue = string | number | boolean | null | Buffer;

export interface DatabaseConfig {
  readonly url: string;
  readonly poolMax: number;
  /** A role to act as, where the login itself may do more than it should. */
  readonly role: string | null;
  /** How long a statement may take; 0: as long as it needs. */
  readonly statementMsMax: number;
  readonly log: (line: string) => void;
}

export interface PoolStatistics {
  readonly total: number;
  readonly idle: number;
  /** Callers that wait for a connection. */
  readonly waiting: number;
  readonly max: number;
}

/** One session, held by one caller until `release`. */
export interface Connection {
  /** The first failure since it was taken; a transaction in it can only be rolled back. */
  readonly failure: DatabaseFailure | null;
  /** Nothing can be asked of it any more. */
  readonly isLost: boolean;
  /** Rows of a prepared statement. Rejects with a DatabaseFailure. */
  rows<Row extends object>(statement: Statement, values?: readonly SqlValue[]): Promise<Row[]>;
  /** How many rows a prepared statement wrote. */
  count(statement: Statement, values?: readonly SqlValue[]): Promise<number>;
  /** A plain command without parameters: BEGIN, COMMIT, DDL. */
  command(text: string): Promise<void>;
  /** Gives it back; a lost one is closed instead. */
  release(): void;
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
  const pool = new pg.Pool({
    connectionString: config.url,
    max: config.poolMax,
    connectionTimeoutMillis: LIMITS.databaseConnectMsMax,
    idleTimeoutMillis: LIMITS.databaseIdleConnectionMsMax,
    keepAlive: true,
    application_name: 'ackord',
    statement_timeout: config.statementMsMax,
    // Frees the scopes that a frozen server holds.
    idle_in_transaction_session_timeout: LIMITS.idleTransactionMsMax,
    options: sessionOptions(config.role),
    pipeline: true,
    types: typeParsers,
  });
  // Without listeners a lost connection would end the process: its caller, or the next one, hears of it anyway.
  pool.on('error', (error) => config.log(`an idle database connection was lost: ${error.message}`));
  pool.on('connect', (client) => client.on('error', () => {}));

  async function connect(): Promise<Connection> {
    try {
      return connectionOf(await pool.connect());
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
    close: () => pool.end(),
  };
}

/**
 * Custom plans, since a generic one can't tell which shards a list of scopes names; no JIT, which would compile for
 * longer than any of these statements runs.
 */
function sessionOptions(role: string | null): string {
  const settings = {
    search_path: SCHEMA,
    plan_cache_mode: 'force_custom_plan',
    jit: 'off',
    TimeZone: 'UTC',
    DateStyle: 'ISO',
    ...(role === null ? {} : { role }),
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}

function connectionOf(client: pg.PoolClient): Connection {
  let failure: DatabaseFailure | null = null;
  let isLost = false;

  async function run(query: pg.QueryConfig): Promise<pg.QueryResult> {
    try {
      return await client.query(query);
    } catch (error) {
      const found = failureOf(error);
      failure ??= found;
      isLost ||= isConnectionLost(found);
      throw found;
    }
  }
  const prepared = ({ name, text }: Statement, values: readonly SqlValue[]): pg.QueryConfig => ({
    name,
    text,
    values: [...values],
  });

  return {
    get failure() {
      return failure;
    },
    get isLost() {
      return isLost;
    },
    rows: async <Row extends object>(statement: Statement, values: readonly SqlValue[] = []) =>
      (await run(prepared(statement, values))).rows as Row[],
    count: async (statement, values = []) => (await run(prepared(statement, values))).rowCount ?? 0,
    command: async (text) => {
      await run({ text });
    },
    // One that is still in a transaction would hold its locks, and fail whoever gets it next.
    release: () => client.release(isLost || client.getTransactionStatus() !== 'I'),
  };
}
