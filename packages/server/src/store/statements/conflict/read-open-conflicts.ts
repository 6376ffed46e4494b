import { statement } from '../../statement.ts';

/** Pending ones about records: $1 scopes, $2 types, $3 ids, a row per record; $4 all scopes. */
export const readOpenConflicts = statement(
  'read-open-conflicts',
  `
  SELECT conflict.body
  FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (scope_id, type, entity_id)
  JOIN sync_conflict AS conflict
    ON conflict.scope_id = wanted.scope_id AND conflict.type = wanted.type
      AND conflict.entity_id = wanted.entity_id
  WHERE conflict.scope_id = ANY ($4::text[]) AND conflict.status = 'pending'`,
);
