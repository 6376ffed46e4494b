/** The rows that few batches write, as parameters of their statements; null where there is nothing to write. */
import { LIMITS } from '@ackord/core';
import type { Bookmark, WriteSet } from '../engine/ports.ts';
import { distinct, distinctBy } from './probes.ts';
import { jsonArray, textArray, timeArray } from './sql-arrays.ts';
import { pruneBookmarks } from './statements/bookmark/prune-bookmarks.ts';
import { saveBookmarks } from './statements/bookmark/save-bookmarks.ts';
import { upsertConflicts } from './statements/conflict/upsert-conflicts.ts';
import { upsertMembers } from './statements/member/upsert-members.ts';
import { replaceReceipts } from './statements/receipt/replace-receipts.ts';
import { deleteWaiting } from './statements/waiting/delete-waiting.ts';
import { upsertWaiting } from './statements/waiting/upsert-waiting.ts';
import type { Write } from './write-rows.ts';

export function conflictsToRows({ conflicts }: WriteSet): Write | null {
  if (conflicts.length === 0) return null;
  return {
    statement: upsertConflicts,
    values: () => [
      textArray(conflicts.map(({ scope }) => scope)),
      textArray(conflicts.map(({ id }) => id)),
      textArray(conflicts.map(({ type }) => type)),
      textArray(conflicts.map(({ entityId }) => entityId)),
      textArray(conflicts.map(({ actor }) => actor)),
      textArray(conflicts.map(({ device }) => device)),
      textArray(conflicts.map(({ status }) => status)),
      textArray(conflicts.map(({ winner }) => winner)),
      timeArray(conflicts.map(({ createdAt }) => createdAt)),
      jsonArray(conflicts),
      textArray(conflicts.map(({ rival }) => rival)),
    ],
  };
}

export function waitingToRows({ waiting }: WriteSet): Write | null {
  if (waiting.length === 0) return null;
  return {
    statement: upsertWaiting,
    values: () => [
      textArray(waiting.map(({ actor }) => actor)),
      textArray(waiting.map(({ id }) => id)),
      textArray(waiting.map(({ parent }) => parent.type)),
      textArray(waiting.map(({ parent }) => parent.id)),
      textArray(waiting.map(({ target }) => target.type)),
      textArray(waiting.map(({ target }) => target.id)),
      textArray(waiting.map(({ conflictId }) => conflictId)),
      jsonArray(waiting.map(({ payload }) => payload)),
      timeArray(waiting.map(({ createdAt }) => createdAt)),
    ],
  };
}

export const waitingDoneToRows = ({ waitingDone }: WriteSet): Write | null =>
  waitingDone.length === 0 ? null : { statement: deleteWaiting, values: () => [textArray(waitingDone)] };

export function finalReceiptsToRows({ finalReceipts }: WriteSet): Write | null {
  if (finalReceipts.length === 0) return null;
  return {
    statement: replaceReceipts,
    values: () => [
      textArray(finalReceipts.map(({ actor }) => actor)),
      textArray(finalReceipts.map(({ changeId }) => changeId)),
      textArray(finalReceipts.map(({ scope }) => scope)),
      jsonArray(finalReceipts.map(({ body }) => body)),
    ],
  };
}

export function membershipsToRows({ memberships }: WriteSet): Write | null {
  if (memberships.length === 0) return null;
  return {
    statement: upsertMembers,
    values: () => [
      textArray(memberships.map(({ scope }) => scope)),
      textArray(memberships.map(({ userId }) => userId)),
      textArray(memberships.map(({ role }) => role)),
      timeArray(memberships.map(({ grantedAt }) => grantedAt)),
      timeArray(memberships.map(({ revokedAt }) => revokedAt)),
    ],
  };
}

/** The users in the same order wherever some are written, so that nobody waits in a circle; what is later stays later. */
const byUser = (bookmarks: readonly Bookmark[]): Bookmark[] =>
  [...bookmarks].sort((a, b) => (a.userId < b.userId ? -1 : Number(a.userId > b.userId)));

export function bookmarksToRows({ bookmarks }: Pick<WriteSet, 'bookmarks'>): Write | null {
  if (bookmarks.length === 0) return null;
  const last = byUser(distinctBy(bookmarks, ({ userId, key }: Bookmark) => `${userId}\0${key}`));
  return {
    statement: saveBookmarks,
    values: () => [
      textArray(last.map(({ userId }) => userId)),
      textArray(last.map(({ key }) => key)),
      jsonArray(last.map(({ state }) => state)),
    ],
  };
}

export function pruneToRows({ bookmarks }: Pick<WriteSet, 'bookmarks'>): Write | null {
  if (bookmarks.length === 0) return null;
  const users = distinct(byUser(bookmarks).map(({ userId }) => userId));
  return { statement: pruneBookmarks, values: () => [textArray(users), LIMITS.bookmarksPerUserMax] };
}
