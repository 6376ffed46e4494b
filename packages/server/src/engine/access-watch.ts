/**
 * Tells who follows a user that its role in some scope may have changed, so that it looks. Commits say it at once; what
 * other servers commit may be lost on the way, so the database is asked, too, every few seconds.
 */
import { LIMITS } from '@ackord/core';
import type { Announcement } from './announcement.ts';
import { groupBy } from './group-by.ts';
import type { Membership, Snapshot } from './ports.ts';

/** `moved`: what the user's roles are now that have moved lately; left out where that is not known. */
export type AccessListener = (moved?: readonly Membership[]) => void;

export class AccessWatch {
  readonly #listeners = new Map<string, Set<AccessListener>>();
  /** The moves of followed users' roles of late that they were told of: polls overlap. */
  #told = new Map<string, ReadonlySet<string>>();
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
    const now = await snapshot.now();
    const since = (this.#askedAt ?? now) - LIMITS.timestampOverlapMs;
    const moved = await snapshot.movedMembers([...this.#listeners.keys()], since);
    this.#askedAt = now;
    const told = this.#told;
    this.#told = new Map();
    for (const [userId, moves] of groupBy(moved, ({ userId }) => userId)) {
      this.#told.set(userId, new Set(moves.map(nameOf)));
      const known = told.get(userId);
      const news = moves.filter((move) => known?.has(nameOf(move)) !== true);
      if (news.length > 0) this.#tell(userId, news);
    }
  }

  #tell(user: string, moved?: readonly Membership[]): void {
    for (const listener of this.#listeners.get(user) ?? []) listener(moved);
  }
}

const nameOf = ({ scope, role, grantedAt, revokedAt }: Membership): string =>
  `${scope} ${role} ${grantedAt} ${revokedAt}`;
