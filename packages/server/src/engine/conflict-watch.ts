/** Tells who follows a user's conflicts that one of them is new or was decided, so that it looks. */
import type { Announcement } from './announcement.ts';
import type { WriteSet } from './ports.ts';

const OWN_SCOPE = 'user:';

/**
 * Conflicts have no place in the log of a scope: one that waits for its decision moves nothing. So whoever has a side in
 * one is told by the name of his own scope, at no position.
 */
export const conflictAnnouncements = ({ conflicts }: Pick<WriteSet, 'conflicts'>): Announcement[] =>
  [...new Set(conflicts.flatMap(({ actor, rival }) => (rival === null ? [actor] : [actor, rival])))].map(
    (user) => ({ scope: OWN_SCOPE + user, head: 0, users: [], news: () => null }),
  );

export class ConflictWatch {
  readonly #listeners = new Map<string, Set<() => void>>();

  follow(userId: string, listener: () => void): () => void {
    const scope = OWN_SCOPE + userId;
    const mine = this.#listeners.get(scope) ?? new Set();
    this.#listeners.set(scope, mine);
    mine.add(listener);
    return () => {
      mine.delete(listener);
      if (mine.size === 0 && this.#listeners.get(scope) === mine) this.#listeners.delete(scope);
    };
  }

  hear({ scope, head }: Announcement): void {
    if (head === 0) for (const listener of this.#listeners.get(scope) ?? []) listener();
  }
}
