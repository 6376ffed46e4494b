import { statement } from '../../statement.ts';

/**
 * Users of another server, a row each, with the ids that they have there: $1 ids, $2 e-mails, $3 user names,
 * $4 password hashes, $5 first names, $6 last names, $7 pictures, $8 active, $9 e-mail verified, $10 last sign-ins,
 * $11 roles as JSON, $12 made, $13 changed. Gives the ids of those that were made; whose id, e-mail or user name is
 * taken is passed over.
 */
export const importUsers = statement(
  'import-users',
  `
  INSERT INTO app_user (id, email, username, password_hash, first_name, last_name, profile_image_url, is_active,
    is_email_verified, last_login_at, roles, created_at, updated_at)
  SELECT sent.id::uuid, sent.email, sent.username, sent.password_hash, sent.first_name, sent.last_name,
    sent.profile_image_url, sent.is_active, sent.is_email_verified, sent.last_login_at,
    ARRAY(SELECT json_array_elements_text(sent.roles)), sent.created_at, sent.updated_at
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[],
    $9::boolean[], $10::timestamptz[], $11::json[], $12::timestamptz[], $13::timestamptz[])
    AS sent (id, email, username, password_hash, first_name, last_name, profile_image_url, is_active,
      is_email_verified, last_login_at, roles, created_at, updated_at)
  ON CONFLICT DO NOTHING
  RETURNING id`,
);
