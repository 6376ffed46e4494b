/**
 * Users by id, kept for a few seconds, so that a busy caller does not cost a query per request; requests that come
 * together share one query. A deactivated user is therefore turned away `LIMITS.userCacheMs` later at the latest.
 */
import { LIMITS } from '@ackord/core';
import type { User, UserStore } from './ports.ts';

export interface UserCache {
  /** null: there is no such user. Throws when the database can't be reached. */
  user(id: string): Promise<User | null>;
  /** Forgets a user that has just been changed here. */
  forget(id: string): void;
}

interface Entry {
  readonly at: number;
  readonly user: Promise<User | null>;
}

export function createUserCache(
  users: Pick<UserStore, 'usersById'>,
  settings: { readonly keptMs?: number; readonly clock?: () => number } = {},
): UserCache {
  const { keptMs = LIMITS.userCacheMs, clock = () => performance.now() } = settings;
  const entries = new Map<string, Entry>();
  const read = async (id: string): Promise<User | null> => (await users.usersById([id]))[0] ?? null;

  return {
    user(id) {
      const now = clock();
      const known = entries.get(id);
      if (known && now - known.at < keptMs) return known.user;
      const entry: Entry = { at: now, user: read(id) };
      entries.delete(id);
      entries.set(id, entry);
      // Neither a failure nor a missing user is kept: the next request looks again.
      const drop = (): void => {
        if (entries.get(id) === entry) entries.delete(id);
      };
      entry.user.then((user) => user ?? drop(), drop);
      for (const [oldest, { at }] of entries) {
        if (now - at < keptMs && entries.size <= LIMITS.userCacheEntriesMax) break;
        entries.delete(oldest);
      }
      return entry.user;
    },
    forget: (id) => void entries.delete(id),
  };
}
