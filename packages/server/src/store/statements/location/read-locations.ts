import { statement } from '../../statement.ts';

/** $1 types, $2 ids, a row per key. */
export const readLocations = statement(
  'read-locations',
  `
  SELECT wanted.type, wanted.id, filed.scope_id, filed.alias_of
  FROM unnest($1::text[], $2::text[]) AS wanted (type, id)
  CROSS JOIN LATERAL (
    SELECT l.scope_id, l.alias_of
    FROM location AS l
    WHERE l.type = wanted.type AND l.id = wanted.id
    LIMIT 1
  ) AS filed`,
);
