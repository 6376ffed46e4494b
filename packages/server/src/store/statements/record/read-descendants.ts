import { statement } from '../../statement.ts';
import { RECORD_COLUMNS, STORED_COLUMNS } from './columns.ts';

/**
 * All live records below some, within their scopes: $1 scopes, $2 types, $3 ids of the ones above; $4 and $5: which
 * type has which owner. A record is named by its owner's id alone, so the types tell a trip's child from a memory's.
 */
export const readDescendants = statement(
  'read-descendants',
  `
  WITH RECURSIVE below (scope_id, type, id, is_start) AS (
    SELECT scope_id COLLATE "C", type COLLATE "C", id COLLATE "C", true
    FROM unnest($1::text[], $2::text[], $3::text[]) AS start (scope_id, type, id)
    UNION
    SELECT child.scope_id, child.type, child.id, false
    FROM below
    JOIN unnest($4::text[], $5::text[]) AS kind (type, owner_type) ON kind.owner_type = below.type
    CROSS JOIN LATERAL (
      SELECT r.scope_id, r.type, r.id
      FROM record AS r
      WHERE r.scope_id = below.scope_id AND r.owner_id = below.id AND r.type = kind.type AND r.tombstone IS NULL
      OFFSET 0
    ) AS child
  )
  SELECT ${RECORD_COLUMNS}
  FROM below
  CROSS JOIN LATERAL (
    SELECT ${STORED_COLUMNS}
    FROM record AS r
    WHERE r.scope_id = below.scope_id AND r.type = below.type AND r.id = below.id
    LIMIT 1
  ) AS r
  WHERE NOT below.is_start`,
);
