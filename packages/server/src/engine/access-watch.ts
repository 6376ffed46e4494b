/**
 * Tells who follows a user that its role in some scope may have changed, so that it looks. Commits say it at once; what
 * other servers commit may be lost on the way, so it is also asked for now and then.
 */
import { LIMITS } from '@ackord/core';
import type { Announcement } from './announcement.ts';
import type { Snapshot } from './ports.ts';

export type AccessListener = () => void;

export class AccessWatch {
  readonly #listeners = new Map<string, Set<AccessListener>>();
  /** By the database's clock; all before was told. */
  #askedAt: number | null = null;

  get isFollowed(): boolean {
    return this.#listeners.size > 0;
  }

  follow(userId: string, listener: AccessListener): () => void {
    const mine = this.#listeners.get(userId) ?? new Set();
    this.#listeners.set(userId, mine);
    mine.add(listener);
    return () => {
      mine.delete(listener);
      if (mine.size === 0 && this.#listeners.get(userId) === mine) this.#listeners.delete(userId);
    };
  }

  hear({ users }: Announcement): void {
    for (const user of users) this.#tell(user);
  }

  async poll(snapshot: Snapshot): Promise<void> {
    // A commit may become visible some time after the moment that it writes.
    const since = (this.#askedAt ?? snapshot.now) - LIMITS.timestampOverlapMs;
    const users = await snapshot.movedMembers([...this.#listeners.keys()], since);
    this.#askedAt = snapshot.now;
    for (const user of users) this.#tell(user);
  }

  #tell(user: string): void {
    for (const listener of this.#listeners.get(user) ?? []) listener();
  }
}
