/**
 * Follows a list of `sent (type, id)`: where each of them is `filed`, and under which id. An alias leads to the record
 * that it stands for; what was never heard of is left out.
 */
export const FILED = `
  CROSS JOIN LATERAL (
    SELECT coalesce(l.alias_of, l.id) AS id
    FROM location AS l
    WHERE l.type = sent.type AND l.id = sent.id
    LIMIT 1
  ) AS known
  CROSS JOIN LATERAL (
    SELECT l.scope_id, l.id
    FROM location AS l
    WHERE l.type = sent.type AND l.id = known.id
    LIMIT 1
  ) AS filed`;

/** May the user $1 look where it is filed? */
export const MAY_LOOK = `
  (filed.scope_id = 'user:' || $1 OR EXISTS (
    SELECT FROM membership_by_user AS m
    WHERE m.user_id = $1 AND m.scope_id = filed.scope_id AND m.revoked_at IS NULL
  ))`;
