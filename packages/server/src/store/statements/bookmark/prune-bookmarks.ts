import { statement } from '../../statement.ts';

/** Keeps the newest $2 of each user in $1. */
export const pruneBookmarks = statement(
  'prune-bookmarks',
  `
  DELETE FROM bookmark
  USING unnest($1::text[]) AS saver (user_id)
  CROSS JOIN LATERAL (
    SELECT one.key FROM bookmark AS one
    WHERE one.user_id = saver.user_id
    ORDER BY one.created_at DESC
    OFFSET $2::integer
  ) AS old
  WHERE bookmark.user_id = saver.user_id AND bookmark.key = old.key`,
);
