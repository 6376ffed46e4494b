import { statement } from '../../statement.ts';
import { RECORD_COLUMNS, STORED_COLUMNS } from './columns.ts';

/** Live holders of unique keys: $1 scopes, $2 types, $3 keys, a row each. */
export const readUniqueHolders = statement(
  'read-unique-holders',
  `
  SELECT ${RECORD_COLUMNS}
  FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (scope_id, type, unique_key)
  CROSS JOIN LATERAL (
    SELECT ${STORED_COLUMNS}
    FROM record AS r
    WHERE r.scope_id = wanted.scope_id AND r.type = wanted.type AND r.unique_key = wanted.unique_key
      AND r.tombstone IS NULL
    LIMIT 1
  ) AS r`,
);
