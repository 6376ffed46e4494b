import { statement } from '../../statement.ts';
import { RECORD_COLUMNS } from './columns.ts';

/**
 * All live records below some, within their scopes: $1 scopes, $2 types, $3 ids of the ones above; $4 and $5: which
 * type has which owner; $6 all scopes. A record is named by its owner's id alone, so the types tell a trip's child from a memory's.
 */
export const readDescendants = statement(
  'read-descendants',
  `
  WITH RECURSIVE kind (type, owner_type) AS (
    SELECT type COLLATE "C", owner_type COLLATE "C" FROM unnest($4::text[], $5::text[]) AS kind (type, owner_type)
  ), below (scope_id, type, id, is_start) AS (
    SELECT scope_id COLLATE "C", type COLLATE "C", id COLLATE "C", true FROM unnest($1::text[], $2::text[], $3::text[]) AS start (scope_id, type, id)
    UNION
    SELECT child.scope_id, child.type, child.id, false
    FROM below
    JOIN kind ON kind.owner_type = below.type
    JOIN record AS child
      ON child.scope_id = below.scope_id AND child.owner_id = below.id AND child.type = kind.type
    WHERE child.scope_id = ANY ($6::text[]) AND child.tombstone IS NULL
  )
  SELECT ${RECORD_COLUMNS}
  FROM below
  JOIN record AS r ON r.scope_id = below.scope_id AND r.type = below.type AND r.id = below.id
  WHERE r.scope_id = ANY ($6::text[]) AND NOT below.is_start`,
);
