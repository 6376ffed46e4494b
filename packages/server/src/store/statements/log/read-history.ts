import { statement } from '../../statement.ts';

/** Log lines of records after a version: $1 scopes, $2 types, $3 ids, $4 versions, a row each. */
export const readHistory = statement(
  'read-history',
  `
  SELECT line.type, line.id, line.version, line.at, line.actor_id AS actor, line.before
  FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[]) AS wanted (scope_id, type, id, after)
  CROSS JOIN LATERAL (
    SELECT l.type, l.id, l.version, l.at, l.seq, l.actor_id, l.before
    FROM sync_log AS l
    WHERE l.scope_id = wanted.scope_id AND l.id = wanted.id AND l.version > wanted.after AND l.type = wanted.type
    OFFSET 0
  ) AS line
  ORDER BY line.version, line.at, line.seq`,
);
