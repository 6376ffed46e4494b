import { statement } from '../../statement.ts';
import { RECORD_COLUMNS, STORED_COLUMNS } from './columns.ts';

/** By primary key: $1 scopes, $2 types, $3 ids, a row per key. */
export const readRecords = statement(
  'read-records',
  `
  SELECT ${RECORD_COLUMNS}
  FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (scope_id, type, id)
  CROSS JOIN LATERAL (
    SELECT ${STORED_COLUMNS}
    FROM record AS r
    WHERE r.scope_id = wanted.scope_id AND r.type = wanted.type AND r.id = wanted.id
    LIMIT 1
  ) AS r`,
);
