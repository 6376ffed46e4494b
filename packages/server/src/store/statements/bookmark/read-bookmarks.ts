import { statement } from '../../statement.ts';

/** $1 users, $2 keys: of each that is there, its place among them and its state. */
export const readBookmarks = statement(
  'read-bookmarks',
  `
  SELECT wanted.position, bookmark.state
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS wanted (user_id, key, position)
  JOIN bookmark ON bookmark.user_id = wanted.user_id AND bookmark.key = wanted.key`,
);
