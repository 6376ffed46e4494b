import { statement } from '../../statement.ts';

/** $1 users, $2 types, $3 ids, a row per user and key: where the record is filed, and the user's membership there. */
export const readPlaces = statement(
  'read-places',
  `
  SELECT wanted.user_id, wanted.type, wanted.id, filed.scope_id, filed.alias_of,
    member.role, member.granted_at, member.revoked_at
  FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (user_id, type, id)
  CROSS JOIN LATERAL (
    SELECT l.scope_id, l.alias_of
    FROM location AS l
    WHERE l.type = wanted.type AND l.id = wanted.id
    LIMIT 1
  ) AS filed
  LEFT JOIN LATERAL (
    SELECT m.role, m.granted_at, m.revoked_at
    FROM membership_by_user AS m
    WHERE m.user_id = wanted.user_id AND m.scope_id = filed.scope_id
    LIMIT 1
  ) AS member ON true`,
);
