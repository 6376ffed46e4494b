/**
 * The store in memory: the oracle that tests compare the database with. Simple rather than fast, but it behaves as
 * PostgreSQL does: locks, READ COMMITTED, commits all or nothing, and the same outcomes. It forgets everything
 * with the process.
 */
import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { LIMITS, type Registry } from '@ackord/core';
import type {
  Bookmark,
  BookmarkKey,
  Placement,
  PlaceRequest,
  RecordKey,
  RefusedOfDevice,
  Snapshot,
  Store,
  StoreTransaction,
  SyncFailure,
  TransactionEnd,
  WaitingChange,
} from '../engine/ports.ts';
import { ScopeLocks } from './memory-locks.ts';
import { MemorySnapshot } from './memory-snapshot.ts';
import {
  copyState,
  emptyState,
  keepBookmark,
  linesOf,
  type MemoryState,
  mayEnter,
  recordKey,
  type StoredLine,
} from './memory-state.ts';
import { failuresOf, keepFailures } from './memory-sync-failures.ts';
import { type MemoryDatabase, MemoryTransaction, StatementFailure } from './memory-transaction.ts';
import { trimState } from './memory-trim.ts';

/** What a commit can meet: `lost-answer` commits and then says `unavailable`. */
export type CommitFault = 'again' | 'unavailable' | 'lost-answer';

export interface MemoryStoreOptions {
  /** Milliseconds since 1970. The store never lets it run backwards. */
  readonly now?: () => number;
  /** Tells which type owns which. Without it an owner is known by its id alone. */
  readonly registry?: Registry;
  /** How long a transaction waits for one scope, in milliseconds. */
  readonly lockWaitMsMax?: number;
  /** Awaited before every call, as a network would be; tests put interleavings here. */
  readonly turn?: () => Promise<void>;
  readonly faults?: { readonly beforeCommit?: () => CommitFault | null };
}

/** The oracle tells what no port does. */
export interface MemoryStore extends Store {
  /** The log of a scope, in order of seq. */
  readonly log: (scope: string) => readonly StoredLine[];
}

const CURSOR_KEY_BYTES = 32;

export function createMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const { now: clock = Date.now, turn = oneTurn, faults = {}, registry = null } = options;
  let state = emptyState();
  let readers = 0;
  let latest = 0;

  const now = (): number => {
    latest = Math.max(latest, Math.floor(clock()));
    return latest;
  };
  /** Snapshots keep what they read: the next commit then goes to a copy. */
  const writable = (): MemoryState => {
    if (readers > 0) {
      state = copyState(state);
      readers = 0;
    }
    return state;
  };
  const database: MemoryDatabase = {
    locks: new ScopeLocks(),
    lockWaitMsMax: options.lockWaitMsMax ?? LIMITS.scopeLockWaitMsMax,
    registry,
    committed: () => state,
    writable,
    now,
    turn,
  };

  async function transaction<T>(
    work: (transaction: StoreTransaction) => Promise<T>,
  ): Promise<TransactionEnd<T>> {
    const running = new MemoryTransaction(database);
    try {
      const value = await work(running);
      await turn();
      if (running.failure) return endOf(running.failure);
      const fault = faults.beforeCommit?.() ?? null;
      if (fault === 'again' || fault === 'unavailable') return { outcome: fault, cause: 'injected fault' };
      running.commit();
      if (fault === 'lost-answer')
        return { outcome: 'unavailable', cause: 'injected fault, after the commit' };
      return { outcome: 'committed', value };
    } catch (error) {
      if (error instanceof StatementFailure) return endOf(error);
      throw error;
    } finally {
      running.end();
    }
  }

  async function snapshot<T>(work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
    await turn();
    const seen = state;
    readers++;
    const view = new MemorySnapshot(seen, now(), registry, turn);
    try {
      return await work(view);
    } finally {
      view.end();
      // Where the state has moved on meanwhile, its readers were counted anew.
      if (seen === state) readers--;
    }
  }

  async function place(requests: readonly PlaceRequest[]): Promise<readonly Placement[]> {
    await turn();
    return requests.map(({ userId, keys, scopes }) => {
      const wanted = new Set(keys.map(recordKey));
      const locations = [...wanted].flatMap((key) => state.locations.get(key) ?? []);
      const mine = oldestFirst(state).filter(({ actor }) => actor === userId);
      const asked = new Set([...scopes, ...locations.map(({ scope }) => scope)]);
      return {
        now: now(),
        locations,
        memberships: [...state.memberships.values()].filter(
          (member) => member.userId === userId && asked.has(member.scope),
        ),
        waiting: mine.filter(({ target }) => wanted.has(recordKey(target))),
        hasWaiting: mine.length > 0,
      };
    });
  }

  async function waitingFor(parents: readonly RecordKey[]): Promise<readonly WaitingChange[]> {
    await turn();
    const there = new Set(parents.filter((key) => isLive(state, key)).map(recordKey));
    return oldestFirst(state).filter(({ parent }) => there.has(recordKey(parent)));
  }

  async function awaitedParents(parentsMax: number): Promise<readonly RecordKey[]> {
    await turn();
    const awaited = oldestFirst(state).filter(({ actor, parent }) => {
      const location = state.locations.get(recordKey(parent));
      return location !== undefined && mayEnter(state, actor, location.scope);
    });
    const parents = new Map(awaited.map(({ parent }) => [recordKey(parent), parent]));
    return [...parents.values()].slice(0, parentsMax);
  }

  async function waitingOf(userId: string): Promise<readonly WaitingChange[]> {
    await turn();
    return oldestFirst(state).filter(({ actor }) => actor === userId);
  }

  async function saveBookmarks(bookmarks: readonly Bookmark[]): Promise<void> {
    await turn();
    for (const bookmark of bookmarks) keepBookmark(writable(), bookmark);
  }

  async function bookmarks(keys: readonly BookmarkKey[]): Promise<readonly (Bookmark | null)[]> {
    await turn();
    return keys.map(({ userId, key }) => state.bookmarks.get(userId)?.get(key) ?? null);
  }

  async function saveFailures(failures: RefusedOfDevice): Promise<void> {
    await turn();
    keepFailures(writable(), failures, now());
  }

  async function failures(userId: string, device: string): Promise<readonly SyncFailure[]> {
    await turn();
    return failuresOf(state, userId, device);
  }

  async function trim(before: number, rowsMax: number): Promise<boolean> {
    await turn();
    return trimState(writable(), before, rowsMax);
  }

  const duties = new Map<string, { readonly holder: string; readonly endsAt: number }>();

  async function holdDuty(duty: string, holder: string, milliseconds: number): Promise<boolean> {
    await turn();
    const taken = duties.get(duty);
    if (taken !== undefined && taken.holder !== holder && taken.endsAt > now()) return false;
    duties.set(duty, { holder, endsAt: now() + milliseconds });
    return true;
  }

  async function leaveDuty(duty: string, holder: string): Promise<void> {
    await turn();
    if (duties.get(duty)?.holder === holder) duties.delete(duty);
  }

  return {
    place,
    transaction,
    snapshot,
    waitingFor,
    awaitedParents,
    waitingOf,
    saveBookmarks,
    bookmarks,
    saveFailures,
    failures,
    trim,
    holdDuty,
    leaveDuty,
    log: (scope) => [...linesOf(state, scope)].sort((a, b) => a.seq - b.seq),
    epoch: 1,
    cursorKeys: [new Uint8Array(randomBytes(CURSOR_KEY_BYTES))],
  };
}

/** One turn of the event loop: others get to run, as while a database answers. */
const oneTurn = (): Promise<void> => setImmediate();

const endOf = ({ outcome, message }: StatementFailure): { outcome: 'again' | 'refused'; cause: string } => ({
  outcome,
  cause: message,
});

function isLive(state: MemoryState, key: RecordKey): boolean {
  const location = state.locations.get(recordKey(key));
  if (!location) return false;
  const row = state.records.get(location.scope)?.get(recordKey(key));
  return row !== undefined && row.record.tombstone === null;
}

const oldestFirst = (state: MemoryState): WaitingChange[] =>
  [...state.waiting.values()].sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
