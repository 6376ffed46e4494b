import { statement } from '../../statement.ts';

/** Pending ones about records: $1 scopes, $2 types, $3 ids, a row per record. */
export const readOpenConflicts = statement(
  'read-open-conflicts',
  `
  SELECT found.body
  FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (scope_id, type, entity_id)
  CROSS JOIN LATERAL (
    SELECT c.body
    FROM sync_conflict AS c
    WHERE c.scope_id = wanted.scope_id AND c.type = wanted.type AND c.entity_id = wanted.entity_id
      AND c.status = 'pending'
    OFFSET 0
  ) AS found`,
);
