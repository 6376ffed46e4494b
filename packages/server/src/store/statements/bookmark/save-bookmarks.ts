import { statement } from '../../statement.ts';

/** $1 users, $2 keys, $3 states, a row each. Saving one again makes it new; later rows are newer. */
export const saveBookmarks = statement(
  'save-bookmarks',
  `
  INSERT INTO bookmark (user_id, key, state, created_at)
  SELECT user_id, key, state, clock_timestamp() + position * interval '1 microsecond'
  FROM unnest($1::text[], $2::text[], $3::json[]) WITH ORDINALITY AS saved (user_id, key, state, position)
  ON CONFLICT (user_id, key) DO UPDATE SET state = excluded.state, created_at = excluded.created_at`,
);
