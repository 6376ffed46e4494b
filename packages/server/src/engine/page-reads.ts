/**
 * What pages are read from and where positions are kept, for many callers at a time: after a restart thousands want
 * their next page at once, most of them a short one.
 */
import { LIMITS } from '@ackord/core';
import type { Bookmark, BookmarkKey, Snapshot, Store } from './ports.ts';
import { Together } from './together.ts';

export interface PageReads extends Pick<Store, 'epoch' | 'cursorKeys'> {
  /** A moment that others look at, too, so the work has to be short. It may be run once more, alone. */
  snapshot<T>(work: (snapshot: Snapshot) => Promise<T>): Promise<T>;
  bookmark(userId: string, key: string): Promise<Bookmark | null>;
  saveBookmarks(bookmarks: readonly Bookmark[]): Promise<void>;
}

export function createPageReads(store: Store): PageReads {
  const snapshots = new Together<(snapshot: Snapshot) => Promise<void>, PromiseSettledResult<void>>(
    (works) => store.snapshot((snapshot) => Promise.allSettled(works.map((work) => work(snapshot)))),
    { tripsAtOnceMax: LIMITS.pageSnapshotsMax, askersMax: LIMITS.pagesPerSnapshotMax },
  );
  const kept = new Together<BookmarkKey, Bookmark | null>((keys) => store.bookmarks(keys), BOOKMARK_TRIPS);
  const saves = new Together<readonly Bookmark[], void>(async (lists) => {
    await store.saveBookmarks(lists.flat());
    return lists.map(() => undefined);
  }, BOOKMARK_TRIPS);
  return {
    snapshot: <T>(work: (snapshot: Snapshot) => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        // Answered as soon as its own work is done; where that failed, another one's may be to blame.
        const shared = async (snapshot: Snapshot): Promise<void> => resolve(await work(snapshot));
        const onceMoreIfFailed = ({ status }: PromiseSettledResult<void>): void => {
          if (status === 'rejected') store.snapshot(work).then(resolve, reject);
        };
        snapshots.ask(shared).then(onceMoreIfFailed, reject);
      }),
    bookmark: (userId, key) => kept.ask({ userId, key }),
    saveBookmarks: (bookmarks) => saves.ask(bookmarks),
    get epoch() {
      return store.epoch;
    },
    get cursorKeys() {
      return store.cursorKeys;
    },
  };
}

const BOOKMARK_TRIPS = { tripsAtOnceMax: 1, askersMax: LIMITS.batchChangesMax };
