import { statement } from '../../statement.ts';

/** All scopes of some users, those that they have lost included. */
export const readMemberships = statement(
  'read-memberships',
  `
  SELECT scope_id, user_id, role, granted_at, revoked_at
  FROM membership_by_user
  WHERE user_id = ANY ($1::text[])`,
);
