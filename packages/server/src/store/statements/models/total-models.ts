import { statement } from '../../statement.ts';

/** $1 tenant, $2 scope, $3 since or null, $4 lines counted at most. One row. */
export const readTotals = statement(
  'read-sync-totals',
  `
  SELECT
    sessions.*, outcomes.*, conflicts.*,
    (SELECT count(*) FROM sync_refusal AS f
      WHERE f.scope_id = $2 AND f.settled IS NULL AND ($3::timestamptz IS NULL OR f.at >= $3::timestamptz)) AS refused
  FROM (
    SELECT count(*) AS sessions, count(*) FILTER (WHERE success) AS sessions_successful,
      avg(duration_ms)::double precision AS average_duration_ms
    FROM sync_metrics
    WHERE tenant_id = $1 AND ($3::timestamptz IS NULL OR start_time >= $3::timestamptz)
  ) AS sessions
  CROSS JOIN (
    SELECT count(*) FILTER (WHERE outcome = 'applied') AS applied, count(*) FILTER (WHERE outcome = 'merged') AS merged,
      count(*) FILTER (WHERE outcome = 'conflict') AS conflict, count(*) FILTER (WHERE outcome = 'refed') AS refed
    FROM (
      SELECT outcome FROM sync_log
      WHERE scope_id = $2 AND operation NOT IN ('GRANT', 'REVOKE', 'CLOSE')
        AND ($3::timestamptz IS NULL OR at >= $3::timestamptz)
      ORDER BY seq DESC
      LIMIT $4::integer
    ) AS newest
  ) AS outcomes
  CROSS JOIN (
    SELECT count(*) FILTER (WHERE status = 'pending') AS pending,
      count(*) FILTER (WHERE status = 'resolved') AS resolved,
      count(*) FILTER (WHERE status = 'resolved' AND body ->> 'resolvedBy' <> 'system') AS resolved_by_person
    FROM sync_conflict
    WHERE scope_id = $2 AND ($3::timestamptz IS NULL OR created_at >= $3::timestamptz)
  ) AS conflicts`,
);

/**
 * Soft references that lead nowhere, per type and field: $1 scope; $2 types, $3 fields, $4 types that they lead to, a row
 * per reference. A document is parsed once, however many references are in it.
 */
export const countDangling = statement(
  'count-dangling',
  `
  WITH reference AS MATERIALIZED (
    SELECT type, field, target FROM unnest($2::text[], $3::text[], $4::text[]) AS given (type, field, target)
  ), alive AS MATERIALIZED (
    SELECT r.type, substr(r.id, strpos(r.id, '/') + 1) AS id, r.doc
    FROM record AS r
    WHERE r.scope_id = $1 AND r.tombstone IS NULL
  ), named AS (
    SELECT reference.type, reference.field, reference.target, one.id
    FROM alive
    CROSS JOIN LATERAL json_each(alive.doc) AS member
    JOIN reference ON reference.type = alive.type AND reference.field = member.key
    CROSS JOIN LATERAL (
      SELECT member.value #>> '{}' AS id WHERE json_typeof(member.value) = 'string'
      UNION ALL
      SELECT item FROM json_array_elements_text(
        CASE WHEN json_typeof(member.value) = 'array' THEN member.value ELSE '[]' END) AS item
    ) AS one
    WHERE one.id <> ''
  )
  SELECT named.type, named.field, count(*) AS count
  FROM named
  WHERE NOT EXISTS (SELECT 1 FROM alive WHERE alive.type = named.target AND alive.id = named.id)
  GROUP BY named.type, named.field
  ORDER BY named.type, named.field`,
);
