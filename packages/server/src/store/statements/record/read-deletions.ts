import { statement } from '../../statement.ts';
import { RECORD_COLUMNS, STORED_COLUMNS } from './columns.ts';

/** Tombstones by the deletion that made them: $1 scopes, $2 deletions, a row per pair. */
export const readDeletions = statement(
  'read-deletions',
  `
  SELECT ${RECORD_COLUMNS}
  FROM unnest($1::text[], $2::text[]) AS wanted (scope_id, deletion)
  CROSS JOIN LATERAL (
    SELECT ${STORED_COLUMNS}
    FROM record AS r
    WHERE r.scope_id = wanted.scope_id AND r.deletion_id = wanted.deletion
    OFFSET 0
  ) AS r`,
);
