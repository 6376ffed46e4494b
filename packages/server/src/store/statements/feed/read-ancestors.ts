import { statement } from '../../statement.ts';
import { RECORD_COLUMNS } from '../record/columns.ts';
import { BELONGS, FEED_PARTS } from './conditions.ts';

/**
 * Live owners of a page's rows, and theirs, that belong to the feed. $7 scopes, $8 types, $9 ids of the nearest
 * owners; $10 and $11: which type has which owner; $12 all scopes among them.
 */
export const readAncestors = statement(
  'read-ancestors',
  `
  WITH RECURSIVE kind (type, owner_type) AS (
    SELECT type COLLATE "C", owner_type COLLATE "C" FROM unnest($10::text[], $11::text[]) AS kind (type, owner_type)
  ), above (scope_id, type, id) AS (
    SELECT scope_id COLLATE "C", type COLLATE "C", id COLLATE "C" FROM unnest($7::text[], $8::text[], $9::text[]) AS start (scope_id, type, id)
    UNION
    SELECT child.scope_id, kind.owner_type, child.owner_id
    FROM above
    JOIN record AS child
      ON child.scope_id = above.scope_id AND child.type = above.type AND child.id = above.id
    JOIN kind ON kind.type = child.type
    WHERE child.scope_id = ANY ($12::text[]) AND child.tombstone IS NULL AND child.owner_id IS NOT NULL
  )
  SELECT ${RECORD_COLUMNS}
  FROM above
  JOIN ${FEED_PARTS} ON part.scope_id = above.scope_id
  JOIN record AS r ON r.scope_id = above.scope_id AND r.type = above.type AND r.id = above.id
  WHERE r.tombstone IS NULL AND ${BELONGS}`,
);
