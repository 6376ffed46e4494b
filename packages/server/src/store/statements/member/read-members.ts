import { statement } from '../../statement.ts';

/** All members of the scopes $1, former ones included; with $2 only these users. */
export const readMembers = statement(
  'read-members',
  `
  SELECT scope_id, user_id, role, granted_at, revoked_at
  FROM member
  WHERE scope_id = ANY ($1::text[]) AND ($2::text[] IS NULL OR user_id = ANY ($2::text[]))`,
);
