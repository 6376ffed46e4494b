import { statement } from '../../statement.ts';

/** All members of the scopes $1, former ones included; with $2 only these users. */
export const readMembers = statement(
  'read-members',
  `
  SELECT found.scope_id, found.user_id, found.role, found.granted_at, found.revoked_at
  FROM unnest($1::text[]) AS wanted (scope_id)
  CROSS JOIN LATERAL (
    SELECT m.scope_id, m.user_id, m.role, m.granted_at, m.revoked_at
    FROM member AS m
    WHERE m.scope_id = wanted.scope_id AND ($2::text[] IS NULL OR m.user_id = ANY ($2::text[]))
    OFFSET 0
  ) AS found`,
);
