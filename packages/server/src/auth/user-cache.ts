/**
 * Users by id, kept for a few seconds, so that a busy caller does not cost a query per request. A deactivated user is
 * therefore turned away `LIMITS.userCacheMs` later at the latest; a missing one is looked for at every request.
 */
import { LIMITS } from '@ackord/core';
import { createShortMemory } from '../limits/short-memory.ts';
import type { User, UserStore } from './ports.ts';

export interface UserCache {
  /** null: there is no such user. Throws when the database can't be reached. */
  user(id: string): Promise<User | null>;
  /** Forgets a user that has just been changed here. */
  forget(id: string): void;
}

export function createUserCache(
  users: Pick<UserStore, 'usersById'>,
  settings: { readonly keptMs?: number; readonly clock?: () => number } = {},
): UserCache {
  const memory = createShortMemory<User | null>({
    look: async (id) => (await users.usersById([id]))[0] ?? null,
    isKept: (user) => user !== null,
    keptMs: LIMITS.userCacheMs,
    entriesMax: LIMITS.userCacheEntriesMax,
    ...settings,
  });
  return { user: (id) => memory.get(id), forget: (id) => memory.forget(id) };
}
