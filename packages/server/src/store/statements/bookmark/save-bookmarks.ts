import { statement } from '../../statement.ts';

/** $1 users, $2 keys, $3 states, a row each. Saving one again makes it new; later rows are newer. */
export const saveBookmarks = statement(
  'save-bookmarks',
  `
  INSERT INTO bookmark (user_id, key, state, number, created_at)
  SELECT saved.user_id, saved.key, saved.state,
    coalesce(newest.number, 0) + row_number() OVER (PARTITION BY saved.user_id ORDER BY saved.position),
    clock_timestamp()
  FROM unnest($1::text[], $2::text[], $3::json[]) WITH ORDINALITY AS saved (user_id, key, state, position)
  LEFT JOIN LATERAL (
    SELECT one.number FROM bookmark AS one
    WHERE one.user_id = saved.user_id
    ORDER BY one.number DESC
    LIMIT 1
  ) AS newest ON true
  ON CONFLICT (user_id, key) DO UPDATE SET
    state = excluded.state, number = excluded.number, created_at = excluded.created_at`,
);
