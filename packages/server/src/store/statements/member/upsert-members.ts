import { statement } from '../../statement.ts';

/** Both copies of each row at once, so that they can't drift apart. */
export const upsertMembers = statement(
  'upsert-members',
  `
  WITH written (scope_id, user_id, role, granted_at, revoked_at) AS (
    SELECT scope_id, user_id, role, granted_at, revoked_at
    FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
      AS written (scope_id, user_id, role, granted_at, revoked_at)
  ), by_user AS (
    INSERT INTO membership_by_user (user_id, scope_id, role, granted_at, revoked_at)
    SELECT user_id, scope_id, role, granted_at, revoked_at FROM written
    ON CONFLICT (user_id, scope_id) DO UPDATE SET
      role = excluded.role, granted_at = excluded.granted_at, revoked_at = excluded.revoked_at
  )
  INSERT INTO member (scope_id, user_id, role, granted_at, revoked_at)
  SELECT scope_id, user_id, role, granted_at, revoked_at FROM written
  ON CONFLICT (scope_id, user_id) DO UPDATE SET
    role = excluded.role, granted_at = excluded.granted_at, revoked_at = excluded.revoked_at`,
);
