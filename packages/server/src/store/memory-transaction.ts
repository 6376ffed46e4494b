/**
 * A transaction on the memory store: READ COMMITTED, with the locks of its scopes held to its end. Its write waits
 * aside until the commit. Misuse of the port (no lock, two writes, a read after the write) throws: it is a bug.
 */
import type { Registry } from '@ackord/core';
import type {
  BatchDetailState,
  BatchDetails,
  BatchRead,
  BatchState,
  LockedScopes,
  LockOptions,
  ScopeState,
  StoreTransaction,
  WriteSet,
} from '../engine/ports.ts';
import { assertHeld } from './assert-held.ts';
import { readBatch, readDetails } from './memory-batch.ts';
import { collision, refusal } from './memory-checks.ts';
import type { ScopeLocks } from './memory-locks.ts';
import { applyWrites, type MemoryState } from './memory-state.ts';

/** Thrown through the work of a transaction, so that it ends there, as a failing statement would. */
export class StatementFailure extends Error {
  readonly outcome: 'again' | 'refused';
  constructor(outcome: 'again' | 'refused', cause: string) {
    super(cause);
    this.outcome = outcome;
  }
}

export interface MemoryDatabase {
  readonly locks: ScopeLocks;
  readonly lockWaitMsMax: number;
  readonly registry: Registry | null;
  /** The state as last committed; a new object whenever a snapshot still reads the old one. */
  readonly committed: () => MemoryState;
  readonly writable: () => MemoryState;
  readonly now: () => number;
  readonly turn: () => Promise<void>;
}

export class MemoryTransaction implements StoreTransaction {
  readonly #database: MemoryDatabase;
  readonly #held = new Set<string>();
  readonly #made: ScopeState[] = [];
  #stage: 'begun' | 'locked' | 'written' | 'ended' = 'begun';
  #writes: WriteSet | null = null;
  #failure: StatementFailure | null = null;

  constructor(database: MemoryDatabase) {
    this.#database = database;
  }

  /** What ended the transaction before its commit, also when the work swallowed it. */
  get failure(): StatementFailure | null {
    return this.#failure;
  }

  async lockScopes(ids: readonly string[], { wait, along }: LockOptions): Promise<LockedScopes> {
    await this.#enter('begun');
    this.#stage = 'locked';
    const { locks, lockWaitMsMax } = this.#database;
    const skipped: string[] = [];
    for (const id of [...new Set(ids)].sort()) {
      if (wait ? await locks.take(id, lockWaitMsMax) : locks.tryTake(id)) this.#held.add(id);
      else if (wait) this.#fail('again', `${id} is held by another transaction`);
      else skipped.push(id);
      if (this.#hasEnded()) return this.#tooLate();
    }
    // Only now, with all locks held: the clock and the heads as the last holder left them.
    const now = this.#database.now();
    const locked = [...this.#held].map((id) => this.#scope(id, now));
    const state = along && skipped.length === 0 ? readBatch(this.#database.committed(), along) : null;
    return { now, locked, skipped, state };
  }

  async read(request: BatchRead): Promise<BatchState> {
    await this.#enter('locked');
    return readBatch(this.#database.committed(), request);
  }

  async readDetails(request: BatchDetails): Promise<BatchDetailState> {
    await this.#enter('locked');
    return readDetails(this.#database.committed(), request, this.#database.registry);
  }

  async write(writes: WriteSet): Promise<void> {
    await this.#enter('locked');
    assertHeld(writes, this.#held);
    this.#stage = 'written';
    const refused = refusal(this.#database.committed(), writes);
    if (refused) this.#fail('refused', refused);
    this.#checkCollision(writes);
    this.#writes = writes;
  }

  /** Makes the write visible. Asks once more for rows that others committed since it was checked. */
  commit(): void {
    if (this.#writes) this.#checkCollision(this.#writes);
    const state = this.#database.writable();
    for (const scope of this.#made) state.scopes.set(scope.id, scope);
    if (this.#writes) applyWrites(state, this.#writes);
  }

  end(): void {
    this.#stage = 'ended';
    for (const scope of this.#held) this.#database.locks.release(scope);
    this.#held.clear();
  }

  /** The work did not wait for its lock: nobody else would give it back. */
  #tooLate(): never {
    this.end();
    throw new Error('The transaction ended while it waited for a lock.');
  }

  #hasEnded(): boolean {
    return this.#stage === 'ended';
  }

  async #enter(stage: 'begun' | 'locked'): Promise<void> {
    if (this.#failure) throw this.#failure;
    if (this.#stage !== stage)
      throw new Error(`Out of turn: the transaction is ${this.#stage}, not ${stage}.`);
    await this.#database.turn();
  }

  #fail(outcome: 'again' | 'refused', cause: string): never {
    this.#failure = new StatementFailure(outcome, cause);
    throw this.#failure;
  }

  #checkCollision(writes: WriteSet): void {
    const collided = collision(this.#database.committed(), writes, this.#held);
    if (collided) this.#fail('again', collided);
  }

  #scope(id: string, now: number): ScopeState {
    const known = this.#database.committed().scopes.get(id);
    if (known) return known;
    const made = Object.freeze({ id, head: 0, horizon: 0, createdAt: now, closedAt: null });
    this.#made.push(made);
    return made;
  }
}
