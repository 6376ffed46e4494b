import { statement } from '../../statement.ts';

/** $1 scopes, $2 ids, a row per conflict; $3 all scopes. */
export const readConflictsById = statement(
  'read-conflicts-by-id',
  `
  SELECT conflict.body
  FROM unnest($1::text[], $2::text[]) AS wanted (scope_id, id)
  JOIN sync_conflict AS conflict ON conflict.scope_id = wanted.scope_id AND conflict.id = wanted.id
  WHERE conflict.scope_id = ANY ($3::text[])`,
);
