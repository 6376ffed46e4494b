import { statement } from '../../statement.ts';
import { RECORD_COLUMNS, STORED_COLUMNS } from './columns.ts';

/** Live records of the type $3 by owner: $1 scopes, $2 owners, a row per pair. */
export const readChildren = statement(
  'read-children',
  `
  SELECT ${RECORD_COLUMNS}
  FROM unnest($1::text[], $2::text[]) AS wanted (scope_id, owner_id)
  CROSS JOIN LATERAL (
    SELECT ${STORED_COLUMNS}
    FROM record AS r
    WHERE r.scope_id = wanted.scope_id AND r.owner_id = wanted.owner_id AND r.type = $3 AND r.tombstone IS NULL
    OFFSET 0
  ) AS r`,
);
