import { statement } from '../../statement.ts';

/** Roles that were given to the users $1, or taken of them, after the moment $2. */
export const readMovedMembers = statement(
  'read-moved-members',
  `
  SELECT scope_id, user_id, role, granted_at, revoked_at
  FROM membership_by_user
  WHERE user_id = ANY ($1::text[]) AND (granted_at > $2::timestamptz OR revoked_at > $2::timestamptz)`,
);
