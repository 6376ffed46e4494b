import { statement } from '../../statement.ts';

/** Keeps what each user in $1 saved in the last $2 saves. */
export const pruneBookmarks = statement(
  'prune-bookmarks',
  `
  DELETE FROM bookmark
  USING unnest($1::text[]) AS saver (user_id)
  CROSS JOIN LATERAL (
    SELECT one.number FROM bookmark AS one
    WHERE one.user_id = saver.user_id
    ORDER BY one.number DESC
    LIMIT 1
  ) AS newest
  WHERE bookmark.user_id = saver.user_id AND bookmark.number <= newest.number - $2::bigint`,
);
