import { statement } from '../../statement.ts';

/** Those of the users $1 to whom a role was given, or of whom one was taken, after the moment $2. */
export const readMovedMembers = statement(
  'read-moved-members',
  `
  SELECT DISTINCT user_id
  FROM membership_by_user
  WHERE user_id = ANY ($1::text[]) AND (granted_at > $2::timestamptz OR revoked_at > $2::timestamptz)`,
);
