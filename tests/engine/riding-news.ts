/**
 * What rides along with an announcement is told to followers as if it had been read. So it must be what a read gives:
 * looked at after every commit of the engine's suites, on every store.
 */
import type { Announcement, Bus, Store } from '@ackord/server';
import { expect } from 'vitest';
import { newsOfCommit, readNews } from '../../packages/server/src/engine/news.ts';
import { registry } from '../support/engine.ts';

const types = registry.domain('travel').synced.map(({ key }) => key);

export class RidingNews {
  readonly #store: Store;
  readonly #comparisons: Promise<{ readonly rode: unknown; readonly read: unknown } | null>[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  watch(bus: Bus): Bus {
    return {
      subscribe: (listener) => bus.subscribe(listener),
      publish: (announcement) => {
        this.#comparisons.push(this.#compare(announcement));
        bus.publish(announcement);
      },
    };
  }

  async check(): Promise<void> {
    for (const compared of await Promise.all(this.#comparisons))
      if (compared) expect(compared.rode).toEqual(compared.read);
  }

  /** null: more has happened meanwhile, or too much to ride along. */
  async #compare(announcement: Announcement) {
    const news = announcement.news();
    if (!news) return null;
    const place = { scope: announcement.scope, after: news.from };
    const [read] = await this.#store.snapshot((snapshot) => readNews(snapshot, [place], types, 100_000));
    if (read?.head !== announcement.head) return null;
    return { rode: newsOfCommit(announcement, news, new Set(types)), read };
  }
}
