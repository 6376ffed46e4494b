import { statement } from '../../statement.ts';
import { FILE_COLUMNS } from './columns.ts';

/** $1 … $8 key, name, user, scope, type, id, field, content type, $9 size, $10 milliseconds of grace. */
export const adoptFile = statement(
  'adopt-file',
  `
  INSERT INTO file (key, name, user_id, scope_id, type, entity_id, field, content_type, size_max, created_at,
    expires_at, check_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, statement_timestamp(), statement_timestamp(),
    statement_timestamp() + make_interval(secs => $10::bigint / 1000.0))
  ON CONFLICT DO NOTHING`,
);

/**
 * $1 keys, $2 names, $3 users, $4 scopes, $5 types, $6 ids, $7 fields, $8 content types, $9 sizes, $10 seconds, a row per
 * upload; $11 milliseconds of grace. An upload of the user that is under way to the same field and name goes on under
 * its own key. The sweep comes when the grace is over.
 */
export const addFiles = statement(
  'add-files',
  `
  INSERT INTO file AS f (key, name, user_id, scope_id, type, entity_id, field, content_type, size_max, created_at,
    expires_at, check_at)
  SELECT new.key, new.name, new.user_id, new.scope_id, new.type, new.entity_id, new.field, new.content_type,
    new.size_max, statement_timestamp(), statement_timestamp() + make_interval(secs => new.seconds),
    statement_timestamp() + make_interval(secs => new.seconds + $11::bigint / 1000.0)
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::bigint[], $10::bigint[])
    AS new (key, name, user_id, scope_id, type, entity_id, field, content_type, size_max, seconds)
  ON CONFLICT (entity_id, type, field, name, user_id) WHERE state = 'pending' AND entity_id IS NOT NULL
  DO UPDATE SET
    content_type = excluded.content_type,
    size_max = excluded.size_max,
    scope_id = excluded.scope_id,
    expires_at = greatest(f.expires_at, excluded.expires_at),
    check_at = greatest(f.check_at, excluded.check_at)
  RETURNING ${FILE_COLUMNS}`,
);
