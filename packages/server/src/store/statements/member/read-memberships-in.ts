import { statement } from '../../statement.ts';

/** $1 users, $2 scopes, a row per pair: memberships, ended ones too. */
export const readMembershipsIn = statement(
  'read-memberships-in',
  `
  SELECT m.scope_id, m.user_id, m.role, m.granted_at, m.revoked_at
  FROM unnest($1::text[], $2::text[]) AS wanted (user_id, scope_id)
  JOIN membership_by_user AS m ON m.user_id = wanted.user_id AND m.scope_id = wanted.scope_id`,
);
