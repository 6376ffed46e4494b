import { statement } from '../../statement.ts';
import { USER_COLUMNS } from './columns.ts';

export const readUsersById = statement(
  'read-users-by-id',
  `SELECT ${USER_COLUMNS} FROM app_user WHERE id = ANY ($1::text[]::uuid[])`,
);

/** Without regard to case. */
export const readUserByEmail = statement(
  'read-user-by-email',
  `SELECT ${USER_COLUMNS} FROM app_user WHERE lower(email) = lower($1)`,
);

/** $1 issuer, $2 subject. */
export const readUserByIdentity = statement(
  'read-user-by-identity',
  `SELECT ${USER_COLUMNS} FROM app_user WHERE external_issuer = $1 AND external_subject = $2`,
);

/** Without regard to case. */
export const readUserByUsername = statement(
  'read-user-by-username',
  `SELECT ${USER_COLUMNS} FROM app_user WHERE lower(username) = lower($1)`,
);

/** Everybody, oldest first: $1 are skipped, up to $2 given. */
export const listUsers = statement(
  'list-users',
  `SELECT ${USER_COLUMNS} FROM app_user ORDER BY created_at, id OFFSET $1 LIMIT $2`,
);
