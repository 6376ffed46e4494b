import { statement } from '../../statement.ts';

/**
 * The parts of a tenant's log, each newest first in an order that an index has: sorting the whole of it for one page
 * would take longer the more has happened. Who asks puts them together. The texts are those of the view `sync_logs`.
 */

/** $1 scope, $2 before this seq or null, $3 status or null, $4 entity type or null, $5 since or null, $6 rows. */
export const listLogLines = statement(
  'list-log-lines',
  `
  SELECT l.seq AS position, md5(l.scope_id || ' ' || l.seq)::uuid::text AS id,
    substr(l.type, strpos(l.type, '.') + 1) AS entity_type, substr(l.id, strpos(l.id, '/') + 1) AS entity_id,
    CASE WHEN l.operation IN ('CREATE', 'MOVE_IN', 'REVIVE', 'ALIAS') THEN 'create'
      WHEN l.operation IN ('DELETE', 'MOVE_OUT') THEN 'delete' ELSE 'update' END AS operation_type,
    CASE WHEN l.outcome IN ('conflict', 'refed') THEN 'conflict' ELSE 'success' END AS status,
    (SELECT encode(r.checksum, 'hex') FROM record AS r
      WHERE r.scope_id = l.scope_id AND r.id = l.id AND r.type = l.type AND r.seq = l.seq) AS payload_checksum,
    l.at, l.version, l.operation, l.outcome, l.actor_id AS actor, l.change_id
  FROM sync_log AS l
  WHERE l.scope_id = $1 AND l.operation NOT IN ('GRANT', 'REVOKE', 'CLOSE')
    AND ($2::bigint IS NULL OR l.seq < $2::bigint)
    AND ($3::text IS NULL OR $3::text = CASE WHEN l.outcome IN ('conflict', 'refed') THEN 'conflict' ELSE 'success' END)
    AND ($4::text IS NULL OR substr(l.type, strpos(l.type, '.') + 1) = $4::text)
    AND ($5::timestamptz IS NULL OR l.at >= $5::timestamptz)
  ORDER BY l.seq DESC
  LIMIT $6::integer`,
);

/** $1 scope, $2 and $3 before this time and entry or null, $4 entity type or null, $5 since or null, $6 rows. */
export const listRefusals = statement(
  'list-refusals',
  `
  SELECT md5(f.scope_id || ' entry ' || f.entry_id)::uuid::text AS id, f.entry_id, f.at, f.first_at, f.actor_id AS actor,
    f.entity_type, f.entity_id, f.operation, f.code, f.message, f.retry_count, f.settled, f.settled_by, f.settled_at,
    f.at::text AS position
  FROM sync_refusal AS f
  WHERE f.scope_id = $1
    AND ($2::text IS NULL OR (f.at, f.entry_id) < ($2::timestamptz, $3::text))
    AND ($4::text IS NULL OR f.entity_type = $4::text)
    AND ($5::timestamptz IS NULL OR f.at >= $5::timestamptz)
  ORDER BY f.at DESC, f.entry_id DESC
  LIMIT $6::integer`,
);

/**
 * $1 tenant, $2 and $3 before this time and id or null, $4 since or null, $5 rows, $6 only of this type or null,
 * $7 only those that went well, or did not, or null.
 */
export const listSessions = statement(
  'list-sessions',
  `
  SELECT m.*, m.start_time::text AS position
  FROM sync_metrics AS m
  WHERE m.tenant_id = $1
    AND ($2::text IS NULL OR (m.start_time, m.id) < ($2::timestamptz, $3::text))
    AND ($4::timestamptz IS NULL OR m.start_time >= $4::timestamptz)
    AND ($6::text IS NULL OR m.sync_type = $6::text)
    AND ($7::boolean IS NULL OR m.success = $7::boolean)
  ORDER BY m.start_time DESC, m.id DESC
  LIMIT $5::integer`,
);

/**
 * $1 scope, $2 and $3 before this time and id or null, $4 status or null, $5 entity type or null, $6 since or null,
 * $7 rows, $8 an id or null.
 */
export const listScopeConflicts = statement(
  'list-scope-conflicts',
  `
  SELECT c.body, c.id, c.created_at::text AS position
  FROM sync_conflict AS c
  WHERE c.scope_id = $1
    AND ($2::text IS NULL OR (c.created_at, c.id) < ($2::timestamptz, $3::text))
    AND ($4::text IS NULL OR c.status = $4::text)
    AND ($5::text IS NULL OR substr(c.type, strpos(c.type, '.') + 1) = $5::text)
    AND ($6::timestamptz IS NULL OR c.created_at >= $6::timestamptz)
    AND ($8::text IS NULL OR c.id = $8::text)
  ORDER BY c.created_at DESC, c.id DESC
  LIMIT $7::integer`,
);
