/**
 * One session of the pool, held by one caller until `release`. What is asked of it in one go travels together, in
 * order; every failure is classified and remembered.
 */
import type pg from 'pg';
import { type DatabaseFailure, failureOf, isConnectionLost } from './failure.ts';
import { type Answer, Pipeline, type SqlValue, type Step } from './pipeline.ts';
import type { Statement } from './statement.ts';

export type { SqlValue } from './pipeline.ts';

/** Parameters, or how to make them when they are about to be sent. */
export type SqlValues = readonly SqlValue[] | (() => readonly SqlValue[]);

export interface Connection {
  /** The first failure since it was taken; a transaction in it can only be rolled back. */
  readonly failure: DatabaseFailure | null;
  /** Nothing can be asked of it any more. */
  readonly isLost: boolean;
  /** Rows of a prepared statement. Rejects with a DatabaseFailure. */
  rows<Row extends object>(statement: Statement, values?: SqlValues): Promise<Row[]>;
  /** How many rows a prepared statement wrote. */
  count(statement: Statement, values?: SqlValues): Promise<number>;
  /** One command without parameters or rows: BEGIN, COMMIT, SET. */
  command(text: string): Promise<void>;
  /** Several statements in one text, as migrations are. */
  script(text: string): Promise<void>;
  /** Gives it back; a lost one is closed instead. */
  release(): void;
}

const NO_VALUES: readonly SqlValue[] = [];

/** `silenceMsMax`: after so long without an answer the connection counts as lost; 0: never. */
export function connectionOf(client: pg.PoolClient, onLoss: () => void, silenceMsMax: number): Connection {
  let failure: DatabaseFailure | null = null;
  let isLost = false;
  let queued: Step[] = [];
  let isBusy = false;

  /** All that was asked for by now, unless answers are awaited: then it goes when they are there. */
  const flush = (): void => {
    if (isBusy || queued.length === 0) return;
    isBusy = true;
    const steps = queued;
    queued = [];
    const done = (): void => {
      isBusy = false;
      flush();
    };
    client.query(new Pipeline(steps, done, silenceMsMax));
  };
  const note = (error: unknown): DatabaseFailure => {
    const found = failureOf(error);
    failure ??= found;
    if (!isLost && isConnectionLost(found)) {
      isLost = true;
      onLoss();
    }
    return found;
  };
  const run = (statement: Step['statement'], values: SqlValues): Promise<Answer> =>
    new Promise((resolve, reject) => {
      queued.push({
        statement,
        values: typeof values === 'function' ? values : () => values,
        resolve,
        reject: (error) => reject(note(error)),
      });
      // What is asked in answer to the same event goes along: such questions may gather for a microtask themselves.
      if (queued.length === 1) queueMicrotask(() => queueMicrotask(flush));
    });

  return {
    get failure() {
      return failure;
    },
    get isLost() {
      return isLost;
    },
    rows: async <Row extends object>(statement: Statement, values: SqlValues = NO_VALUES) =>
      (await run(statement, values)).rows as Row[],
    count: async (statement, values = NO_VALUES) => (await run(statement, values)).count,
    command: async (text) => {
      await run({ name: null, text }, NO_VALUES);
    },
    script: async (text) => {
      try {
        await client.query(text);
      } catch (error) {
        throw note(error);
      }
    },
    // One that is still in a transaction would hold its locks, and fail whoever gets it next.
    release: () => client.release(isLost || client.getTransactionStatus() !== 'I'),
  };
}
