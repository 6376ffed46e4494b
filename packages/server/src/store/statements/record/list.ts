import { statement } from '../../statement.ts';
import { RECORD_COLUMNS, STORED_COLUMNS } from './columns.ts';

/**
 * Live records of the type $3 in the scopes $1, as they were made: $4 names of texts of which one has $5 in it (null:
 * any record), $6 and $7 moment and id of the record that the list goes on behind, $8 how many.
 */
const list = (name: string, owner: string) =>
  statement(
    name,
    `
  SELECT ${RECORD_COLUMNS}
  FROM (
    SELECT r.*
    FROM unnest($1::text[], $2::text[]) AS wanted (scope_id, owner_id)
    CROSS JOIN LATERAL (
      SELECT ${STORED_COLUMNS}
      FROM record AS r
      WHERE r.scope_id = wanted.scope_id${owner} AND r.type = $3 AND r.tombstone IS NULL
        AND ($4::text[] IS NULL
          OR EXISTS (SELECT FROM unnest($4::text[]) AS field (name) WHERE strpos(r.doc ->> field.name, $5) > 0))
        AND ($7::text IS NULL OR (r.created_at, r.id) > (to_timestamp($6::float8 / 1000), $7 COLLATE "C"))
      OFFSET 0
    ) AS r
    ORDER BY r.created_at, r.id
    LIMIT $8
  ) AS r`,
  );

/** $2: owners, a row for each scope. */
export const listByOwner = list('list-by-owner', ' AND r.owner_id = wanted.owner_id');

/** $2: nulls. */
export const listByScope = list('list-by-scope', '');
