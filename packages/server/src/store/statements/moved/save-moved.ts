import { statement } from '../../statement.ts';

/** $1 source; $2 types, $3 ids, $4 ids there, $5 actors, $6 versions, $7 hashes of fields, $8 gone or not: a row each. */
export const saveMoved = statement(
  'save-moved',
  `
  INSERT INTO moved_row (source, type, id, origin_id, actor_id, version, fields, is_gone)
  SELECT $1, sent.type, sent.id, sent.origin_id, sent.actor_id, sent.version, sent.fields, sent.is_gone
  FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::json[], $8::boolean[])
    AS sent (type, id, origin_id, actor_id, version, fields, is_gone)
  ON CONFLICT (source, type, id) DO UPDATE SET
    origin_id = excluded.origin_id, actor_id = excluded.actor_id, version = excluded.version,
    fields = excluded.fields, is_gone = excluded.is_gone, moved_at = clock_timestamp()`,
);
