/**
 * A transaction on the memory store: READ COMMITTED, with the locks of its scopes held to its end. Its write waits
 * aside until the commit. Misuse of the port (no lock, two writes, a read after the write) throws: it is a bug.
 */
import type { RecordState, Registry } from '@ackord/core';
import type { ConflictView } from '../engine/conflict-view.ts';
import type {
  BatchDetailState,
  BatchDetails,
  BatchRead,
  BatchState,
  HistoryLine,
  LockedScopes,
  RecordKey,
  ScopeState,
  StoreTransaction,
  WriteSet,
} from '../engine/ports.ts';
import { assertHeld, collision, refusal } from './memory-checks.ts';
import type { ScopeLocks } from './memory-locks.ts';
import {
  applyWrites,
  isOwnedBy,
  keyOf,
  linesOf,
  type MemoryState,
  recordKey,
  recordsByKey,
  rowsOf,
} from './memory-state.ts';

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

  async lockScopes(ids: readonly string[], { wait }: { readonly wait: boolean }): Promise<LockedScopes> {
    await this.#enter('begun');
    this.#stage = 'locked';
    const { locks, lockWaitMsMax } = this.#database;
    const skipped: string[] = [];
    for (const id of [...new Set(ids)].sort()) {
      if (wait ? await locks.take(id, lockWaitMsMax) : locks.tryTake(id)) this.#held.add(id);
      else if (wait) this.#fail('again', `${id} is held by another transaction`);
      else skipped.push(id);
    }
    // Only now, with all locks held: the clock and the heads as the last holder left them.
    const now = this.#database.now();
    return { now, locked: [...this.#held].map((id) => this.#scope(id, now)), skipped };
  }

  async read({ keys, receipts, scopes, actors }: BatchRead): Promise<BatchState> {
    await this.#enter('locked');
    const state = this.#database.committed();
    const found = recordsByKey(state, [...this.#held], keys);
    const roots = scopes.flatMap((scope) => this.#roots(state, scope));
    return {
      locations: distinct(keys, recordKey).flatMap((key) => state.locations.get(recordKey(key)) ?? []),
      records: distinct([...found, ...roots], (record) => keyOf(record.scope, record.type, record.id)),
      receipts: receipts.flatMap(({ actor, changeId }) => state.receipts.get(keyOf(actor, changeId)) ?? []),
      memberships: scopes.flatMap((scope) =>
        actors.flatMap((actor) => state.memberships.get(keyOf(scope, actor)) ?? []),
      ),
      digests: [...state.digests.values()].filter(({ scope }) => scopes.includes(scope)),
    };
  }

  async readDetails(request: BatchDetails): Promise<BatchDetailState> {
    await this.#enter('locked');
    const state = this.#database.committed();
    const records = [
      ...request.descendantsOf.flatMap((key) => this.#descendants(state, key)),
      ...request.deletions.flatMap(({ scope, deletion }) =>
        rowsOf(state, scope)
          .map(({ record }) => record)
          .filter(({ tombstone }) => tombstone?.kind === 'deleted' && tombstone.deletion === deletion),
      ),
      ...request.uniques.flatMap(({ scope, type, key }) =>
        rowsOf(state, scope)
          .filter(({ record, uniqueKey }) => !record.tombstone && record.type === type && uniqueKey === key)
          .map(({ record }) => record),
      ),
    ];
    return {
      history: request.history.flatMap((wanted) => history(state, wanted)),
      records: distinct(records, (record) => keyOf(record.scope, record.type, record.id)),
      conflicts: [...state.conflicts.values()].filter(
        (conflict) =>
          request.conflicts.some(({ scope, id }) => conflict.scope === scope && conflict.id === id) ||
          (conflict.status === 'pending' && request.openConflicts.some((key) => isAbout(conflict, key))),
      ),
    };
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

  /** The record whose scope it is: `trip:<id>` names it. */
  #roots(state: MemoryState, scope: string): readonly RecordState[] {
    const colon = scope.indexOf(':');
    const [kind, id] = [scope.slice(0, colon), scope.slice(colon + 1)];
    const isRootType = (key: string): boolean => {
      const rule = this.#database.registry?.types.get(key)?.scope;
      return rule === undefined || (typeof rule === 'object' && rule.root === kind);
    };
    return rowsOf(state, scope)
      .map(({ record }) => record)
      .filter((record) => record.id === id && isRootType(record.type));
  }

  #descendants(state: MemoryState, parent: RecordKey & { readonly scope: string }): readonly RecordState[] {
    const alive = rowsOf(state, parent.scope).filter(({ record }) => record.tombstone === null);
    const found = new Map<string, RecordState>();
    const visit = (key: RecordKey): void => {
      for (const row of alive) {
        const child = recordKey(row.record);
        if (found.has(child) || !isOwnedBy(row, key, this.#database.registry)) continue;
        found.set(child, row.record);
        visit(row.record);
      }
    };
    visit(parent);
    return [...found.values()];
  }
}

/** In order of versions; lines of the same version (a re-feed, a move) in the order they were written. */
function history(state: MemoryState, wanted: BatchDetails['history'][number]): readonly HistoryLine[] {
  return wanted.scopes
    .flatMap((scope) => linesOf(state, scope))
    .filter(({ type, id, version }) => type === wanted.type && id === wanted.id && version > wanted.after)
    .sort((a, b) => a.version - b.version || a.at - b.at || a.seq - b.seq)
    .map(({ type, id, version, at, before }) => ({ type, id, version, at, before }));
}

const isAbout = (
  conflict: ConflictView,
  { scope, type, id }: RecordKey & { readonly scope: string },
): boolean => conflict.scope === scope && conflict.type === type && conflict.entityId === id;

function distinct<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}
