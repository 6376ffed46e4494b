/**
 * A store between an engine and the real one that lets things go wrong: commits that fail or whose answer is lost,
 * statements that refuse one change, and a server that dies, after which nothing of it reaches the database any more.
 */
import type { Store, StoreTransaction, TransactionEnd } from '@ackord/server';
import type { StoreFault } from './steps.ts';

/** Shared by all servers of a run. */
export class Faults {
  /** What the next commits meet, in turn. */
  readonly commits: StoreFault[] = [];
  /** Changes whose statement is refused, and how often. */
  readonly poisoned = new Map<string, number>();

  heal(): void {
    this.commits.length = 0;
    this.poisoned.clear();
  }
}

class Interruption extends Error {
  readonly outcome: 'again' | 'unavailable' | 'refused';
  constructor(outcome: 'again' | 'unavailable' | 'refused') {
    super('injected fault');
    this.name = 'StoreUnavailable';
    this.outcome = outcome;
  }
}

export const isUnreachable = (cause: unknown): boolean =>
  cause instanceof Interruption && cause.outcome === 'unavailable';

export interface FaultyStore {
  readonly store: Store;
  /** From now on nothing of this server gets through. */
  readonly cut: () => void;
}

export function faultyStore(real: Store, faults: Faults): FaultyStore {
  let isCut = false;
  const reach = (): void => {
    if (isCut) throw new Interruption('unavailable');
  };
  const reached = async <T>(answer: () => Promise<T>): Promise<T> => {
    reach();
    const value = await answer();
    reach();
    return value;
  };

  async function transaction<T>(
    work: (transaction: StoreTransaction) => Promise<T>,
  ): Promise<TransactionEnd<T>> {
    if (isCut) return { outcome: 'unavailable', cause: 'the server is gone' };
    const fault = faults.commits.shift() ?? null;
    try {
      const end = await real.transaction(async (running) => {
        const value = await work(guarded(running, reach, faults));
        if (fault === 'again' || fault === 'unavailable') throw new Interruption(fault);
        return value;
      });
      const lost = isCut || fault === 'lost-answer';
      return lost && end.outcome === 'committed'
        ? { outcome: 'unavailable', cause: 'after the commit' }
        : end;
    } catch (cause) {
      if (cause instanceof Interruption) return { outcome: cause.outcome, cause: cause.message };
      throw cause;
    }
  }

  const store: Store = {
    ...real,
    transaction,
    place: (requests) => reached(() => real.place(requests)),
    snapshot: (work) => reached(() => real.snapshot(work)),
    awaitedParents: (max) => reached(() => real.awaitedParents(max)),
    waitingFor: (parents) => reached(() => real.waitingFor(parents)),
    waitingOf: (user) => reached(() => real.waitingOf(user)),
    saveBookmarks: (bookmarks) => reached(() => real.saveBookmarks(bookmarks)),
    bookmarks: (keys) => reached(() => real.bookmarks(keys)),
    saveFailures: (failures) => reached(() => real.saveFailures(failures)),
    failures: (user, device) => reached(() => real.failures(user, device)),
  };
  return {
    store,
    cut: () => {
      isCut = true;
    },
  };
}

function guarded(running: StoreTransaction, reach: () => void, faults: Faults): StoreTransaction {
  return {
    lockScopes: (ids, options) => {
      reach();
      return running.lockScopes(ids, options);
    },
    read: (request) => {
      reach();
      return running.read(request);
    },
    readDetails: (request) => {
      reach();
      return running.readDetails(request);
    },
    write: (writes) => {
      reach();
      for (const { changeId } of writes.receipts) {
        const left = faults.poisoned.get(changeId) ?? 0;
        if (left === 0) continue;
        // Only where it stands alone does it count: the batch around it is cut into parts first.
        if (writes.receipts.length === 1) faults.poisoned.set(changeId, left - 1);
        throw new Interruption('refused');
      }
      return running.write(writes);
    },
  };
}
