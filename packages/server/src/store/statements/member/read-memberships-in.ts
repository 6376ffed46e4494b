import { statement } from '../../statement.ts';

/** $1 users, $2 scopes, a row per pair: memberships, ended ones too. */
export const readMembershipsIn = statement(
  'read-memberships-in',
  `
  SELECT wanted.scope_id, wanted.user_id, found.role, found.granted_at, found.revoked_at
  FROM unnest($1::text[], $2::text[]) AS wanted (user_id, scope_id)
  CROSS JOIN LATERAL (
    SELECT m.role, m.granted_at, m.revoked_at
    FROM membership_by_user AS m
    WHERE m.user_id = wanted.user_id AND m.scope_id = wanted.scope_id
    LIMIT 1
  ) AS found`,
);
