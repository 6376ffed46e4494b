import { statement } from '../../statement.ts';

/**
 * Lines of scopes' logs, in order, at most $4 of each: $1 scopes, $2 after which seq, $3 up to which, a row per scope.
 * One scan of the primary key per scope that stops early.
 */
export const readLines = statement(
  'read-lines',
  `
  SELECT line.*
  FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS part (scope_id, after, up_to)
  CROSS JOIN LATERAL (
    SELECT l.scope_id AS scope, l.seq, l.at, l.type, l.id, l.version, l.operation, l.actor_id AS actor,
      l.device_id AS device, l.change_id AS "changeId", l.outcome, l.before
    FROM sync_log AS l
    WHERE l.scope_id = part.scope_id AND l.seq > part.after AND l.seq <= part.up_to
    ORDER BY l.seq
    LIMIT $4::integer
  ) AS line`,
);
