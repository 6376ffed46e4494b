import { statement } from '../../statement.ts';

/** Log lines of records after a version: $1 scopes, $2 types, $3 ids, $4 versions, a row each; $5 all scopes. */
export const readHistory = statement(
  'read-history',
  `
  SELECT line.type, line.id, line.version, line.at, line.before
  FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[]) AS wanted (scope_id, type, id, after)
  JOIN sync_log AS line
    ON line.scope_id = wanted.scope_id AND line.id = wanted.id AND line.version > wanted.after
      AND line.type = wanted.type
  WHERE line.scope_id = ANY ($5::text[])
  ORDER BY line.version, line.at, line.seq`,
);
