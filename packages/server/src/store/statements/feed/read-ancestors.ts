import { type Statement, statement } from '../../statement.ts';
import { RECORD_COLUMNS, STORED_COLUMNS, TEXT_COLUMNS } from '../record/columns.ts';
import { BELONGS, FEED_PARTS } from './conditions.ts';

/**
 * Live owners of a page's rows, and theirs, that belong to the feed. $7 scopes, $8 types, $9 ids of the nearest
 * owners; $10 and $11: which type has which owner.
 */
const readAncestorsAs = (name: string, columns: string): Statement =>
  statement(
    name,
    `
  WITH RECURSIVE above (scope_id, type, id) AS (
    SELECT scope_id COLLATE "C", type COLLATE "C", id COLLATE "C"
    FROM unnest($7::text[], $8::text[], $9::text[]) AS start (scope_id, type, id)
    UNION
    SELECT above.scope_id, kind.owner_type, child.owner_id
    FROM above
    JOIN unnest($10::text[], $11::text[]) AS kind (type, owner_type) ON kind.type = above.type
    CROSS JOIN LATERAL (
      SELECT r.owner_id
      FROM record AS r
      WHERE r.scope_id = above.scope_id AND r.type = above.type AND r.id = above.id
        AND r.tombstone IS NULL AND r.owner_id IS NOT NULL
      LIMIT 1
    ) AS child
  )
  SELECT ${columns}
  FROM above
  JOIN ${FEED_PARTS} ON part.scope_id = above.scope_id
  CROSS JOIN LATERAL (
    SELECT ${STORED_COLUMNS}
    FROM record AS r
    WHERE r.scope_id = above.scope_id AND r.type = above.type AND r.id = above.id
      AND r.tombstone IS NULL AND ${BELONGS}
    LIMIT 1
  ) AS r`,
  );

export const readAncestors = readAncestorsAs('read-ancestors', RECORD_COLUMNS);
export const readAncestorTexts = readAncestorsAs('read-ancestor-texts', TEXT_COLUMNS);
