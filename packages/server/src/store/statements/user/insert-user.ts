import { statement } from '../../statement.ts';
import { USER_COLUMNS } from './columns.ts';

/** Fails on an e-mail, a user name or an identity that is taken: the name of the index says which. */
export const insertUser = statement(
  'insert-user',
  `
  INSERT INTO app_user (id, email, username, password_hash, is_email_verified, external_issuer, external_subject)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
  RETURNING ${USER_COLUMNS}`,
);
