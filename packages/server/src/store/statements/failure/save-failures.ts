import { statement } from '../../statement.ts';
import { FILED, MAY_LOOK } from './filed.ts';

/**
 * $1 user, $2 types, $3 ids, $4 device, $5 codes, $6 messages, $7 fields, a row per refused change: kept where the
 * record is there and the user may look at it. Of two about the same record the later row stands.
 */
export const saveFailures = statement(
  'save-failures',
  `
  INSERT INTO sync_failure (actor_id, device_id, type, id, at, code, message, field, version)
  SELECT DISTINCT ON (filed.id, sent.type)
    $1, $4, sent.type, filed.id, statement_timestamp(), sent.code, sent.message, sent.field, found.version
  FROM unnest($2::text[], $3::text[], $5::text[], $6::text[], $7::text[])
    WITH ORDINALITY AS sent (type, id, code, message, field, position)${FILED}
  CROSS JOIN LATERAL (
    SELECT r.version
    FROM record AS r
    WHERE r.scope_id = filed.scope_id AND r.type = sent.type AND r.id = filed.id AND r.deleted_at IS NULL
    LIMIT 1
  ) AS found
  WHERE ${MAY_LOOK}
  ORDER BY filed.id, sent.type, sent.position DESC
  ON CONFLICT (actor_id, device_id, id, type) DO UPDATE SET
    at = excluded.at, code = excluded.code, message = excluded.message, field = excluded.field,
    version = excluded.version`,
);
