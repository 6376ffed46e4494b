import { statement } from '../../statement.ts';
import { USER_COLUMNS } from './columns.ts';

/**
 * $1 id; e-mail $2 and user name $3, null: untouched; first name $5 and last name $7, where $4 and $6 say whether to
 * set them. Another e-mail, but for its case, has to be verified anew.
 */
export const updateUser = statement(
  'update-user',
  `
  UPDATE app_user SET
    email = coalesce($2, email),
    is_email_verified = is_email_verified AND lower(coalesce($2, email)) = lower(email),
    username = coalesce($3, username),
    first_name = CASE WHEN $4::boolean THEN $5 ELSE first_name END,
    last_name = CASE WHEN $6::boolean THEN $7 ELSE last_name END,
    updated_at = clock_timestamp()
  WHERE id = $1
  RETURNING ${USER_COLUMNS}`,
);

export const setPasswordHash = statement(
  'set-password-hash',
  'UPDATE app_user SET password_hash = $2, updated_at = clock_timestamp() WHERE id = $1',
);

export const recordLogin = statement(
  'record-login',
  'UPDATE app_user SET last_login_at = clock_timestamp() WHERE id = $1',
);
