import { statement } from '../../statement.ts';

/** $1 scopes, $2 ids, a row per conflict. */
export const readConflictsById = statement(
  'read-conflicts-by-id',
  `
  SELECT found.body
  FROM unnest($1::text[], $2::text[]) AS wanted (scope_id, id)
  CROSS JOIN LATERAL (
    SELECT c.body
    FROM sync_conflict AS c
    WHERE c.scope_id = wanted.scope_id AND c.id = wanted.id
    LIMIT 1
  ) AS found`,
);
