/** One session of the pool: prepared statements and commands, every failure classified and remembered. */
import type pg from 'pg';
import { type DatabaseFailure, failureOf, isConnectionLost } from './failure.ts';
import type { Statement } from './statement.ts';

/** A parameter: a scalar, or a column of many rows from sql-arrays.ts. */
export type SqlValue = string | number | boolean | null | Buffer;

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

export function connectionOf(client: pg.PoolClient, onLoss: () => void): Connection {
  let failure: DatabaseFailure | null = null;
  let isLost = false;

  async function run(query: pg.QueryConfig): Promise<pg.QueryResult> {
    try {
      return await client.query(query);
    } catch (error) {
      const found = failureOf(error);
      failure ??= found;
      if (!isLost && isConnectionLost(found)) {
        isLost = true;
        onLoss();
      }
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
