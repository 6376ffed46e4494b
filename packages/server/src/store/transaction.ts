/**
 * A batch on PostgreSQL: lock, read, write, commit. READ COMMITTED, and never lock and read in one statement: a read
 * that waited for its lock would show the state from before the wait.
 */
import { LIMITS } from '@ackord/core';
import type {
  BatchDetailState,
  BatchDetails,
  BatchRead,
  BatchState,
  LockedScopes,
  LockOptions,
  RecordKey,
  StoreTransaction,
  WriteSet,
} from '../engine/ports.ts';
import { assertHeld } from './assert-held.ts';
import type { Connection } from './connection.ts';
import { DatabaseFailure } from './failure.ts';
import { lockScopes } from './lock-scopes.ts';
import type { Owners } from './owners.ts';
import { readBatch } from './read-batch.ts';
import { readDetails } from './read-details.ts';
import { ScopeNames } from './scope-names.ts';
import { sendWrites } from './send-writes.ts';
import { endStuck } from './statements/session/end-stuck.ts';

const LOCK_NOT_AVAILABLE = '55P03';

type Stage = 'begun' | 'locked' | 'written' | 'ended';

export class PostgresTransaction implements StoreTransaction {
  readonly #connection: Connection;
  readonly #owners: Owners;
  #names: ScopeNames;
  #stage: Stage = 'begun';
  #held: ReadonlySet<string> = new Set();
  /** Keys that were looked for and not found, in whatever scope. */
  readonly #absent = new Set<string>();
  #writes: WriteSet | null = null;
  #waitedInVain = false;

  constructor(connection: Connection, owners: Owners) {
    this.#connection = connection;
    this.#names = new ScopeNames(connection);
    this.#owners = owners;
  }

  async lockScopes(ids: readonly string[], { wait, along }: LockOptions): Promise<LockedScopes> {
    this.#expect('begun');
    this.#stage = 'locked';
    const waitMsMax = wait ? LIMITS.scopeLockWaitMsMax : null;
    const readAlong = along
      ? () => {
          // Missing scopes are made in between, and the transaction begins anew.
          this.#names = new ScopeNames(this.#connection);
          return this.#read(along);
        }
      : null;
    const locking = lockScopes(this.#connection, ids, { waitMsMax, readAlong });
    const scopes = await locking.catch((error: unknown) => {
      this.#waitedInVain = error instanceof DatabaseFailure && error.code === LOCK_NOT_AVAILABLE;
      throw error;
    });
    this.#held = new Set(scopes.locked.map(({ id }) => id));
    return scopes;
  }

  async read(request: BatchRead): Promise<BatchState> {
    this.#expect('locked');
    return this.#read(request);
  }

  async #read(request: BatchRead): Promise<BatchState> {
    const naming = this.#names.name([...this.#held, ...request.scopes]);
    const [state] = await Promise.all([readBatch(this.#connection, request), naming]);
    for (const key of request.keys) this.#absent.add(keyOf(key));
    for (const key of [...state.locations, ...state.records]) this.#absent.delete(keyOf(key));
    return state;
  }

  async readDetails(request: BatchDetails): Promise<BatchDetailState> {
    this.#expect('locked');
    const naming = this.#names.name([...this.#held, ...scopesOf(request)]);
    const [state] = await Promise.all([readDetails(this.#connection, this.#owners, request), naming]);
    return state;
  }

  /** The rows travel with the COMMIT, in one go; what PostgreSQL says of them is the transaction's outcome. */
  write(writes: WriteSet): Promise<void> {
    this.#expect('locked');
    assertHeld(writes, this.#held);
    this.#stage = 'written';
    this.#writes = writes;
    return Promise.resolve();
  }

  async commit(): Promise<void> {
    const began = this.#stage !== 'begun';
    this.#stage = 'ended';
    if (!began) return;
    if (!this.#writes) return this.#connection.command('COMMIT');
    const naming = this.#names.name(this.#held);
    const isNew = (key: RecordKey): boolean => this.#absent.has(keyOf(key));
    await Promise.all([sendWrites(this.#connection, this.#writes, { held: this.#held, isNew }), naming]);
  }

  /** After a failure. A lost connection has rolled back by itself. */
  async rollback(): Promise<void> {
    const began = this.#stage !== 'begun';
    this.#stage = 'ended';
    if (!began || this.#connection.isLost) return;
    await this.#connection.command('ROLLBACK').catch(() => {});
    // Best effort: where the login may not, the system ends such a session when it gives up on the other machine.
    if (this.#waitedInVain)
      await this.#connection.rows(endStuck, [LIMITS.idleTransactionMsMax]).catch(() => {});
  }

  #expect(stage: Stage): void {
    if (this.#connection.failure) throw this.#connection.failure;
    if (this.#stage !== stage)
      throw new Error(`Out of turn: the transaction is ${this.#stage}, not ${stage}.`);
  }
}

const keyOf = ({ type, id }: RecordKey): string => `${type}\0${id}`;

/** A record's history lies in the scopes that it has lived in before, too; those are not locked. */
const scopesOf = (request: BatchDetails): string[] => [
  ...request.history.flatMap(({ scopes }) => scopes),
  ...[
    ...request.descendantsOf,
    ...request.deletions,
    ...request.uniques,
    ...request.openConflicts,
    ...request.conflicts,
  ].map(({ scope }) => scope),
];
