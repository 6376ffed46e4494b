import { statement } from '../../statement.ts';
import { FILE_COLUMNS } from './columns.ts';

/** $1 rows at most, $2 ms for which nobody else takes them. */
export const claimDueFiles = statement(
  'claim-due-files',
  `
  UPDATE file AS f SET check_at = statement_timestamp() + make_interval(secs => $2::bigint / 1000.0)
  FROM (
    SELECT key FROM file WHERE check_at <= statement_timestamp() ORDER BY check_at LIMIT $1 FOR UPDATE SKIP LOCKED
  ) AS due
  WHERE f.key = due.key
  RETURNING ${FILE_COLUMNS}`,
);

/** Names, for row-level security, the scopes in which $1 types, $2 ids are filed. */
export const nameScopesOfFiles = statement(
  'name-scopes-of-files',
  `
  SELECT set_config('ackord.scopes', coalesce(json_object_agg(found.scope_id, 0)::text, '{}'), true) AS named
  FROM (
    SELECT DISTINCT filed.scope_id
    FROM unnest($1::text[], $2::text[]) AS bound (type, id)
    CROSS JOIN LATERAL (
      SELECT l.scope_id FROM location AS l WHERE l.id = bound.id AND l.type = bound.type LIMIT 1
    ) AS filed
  ) AS found`,
);

/** $1 types, $2 ids, $3 fields, $4 names, $5 keys: those keys whose record is live and names them. */
export const readUsedFiles = statement(
  'read-used-files',
  `
  SELECT bound.key
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) AS bound (type, id, field, name, key)
  CROSS JOIN LATERAL (
    SELECT l.scope_id FROM location AS l WHERE l.id = bound.id AND l.type = bound.type LIMIT 1
  ) AS filed
  CROSS JOIN LATERAL (
    SELECT FROM scope AS s WHERE s.id = filed.scope_id AND s.closed_at IS NULL LIMIT 1
  ) AS open
  CROSS JOIN LATERAL (
    SELECT FROM record AS r
    WHERE r.scope_id = filed.scope_id AND r.id = bound.id AND r.type = bound.type AND r.deleted_at IS NULL
      AND r.doc ->> bound.field = bound.name
    LIMIT 1
  ) AS live`,
);

/** $1 keys in use, $2 ms to the next look. */
export const keepUsedFiles = statement(
  'keep-used-files',
  `
  UPDATE file SET orphaned_at = NULL, check_at = statement_timestamp() + make_interval(secs => $2::bigint / 1000.0)
  WHERE key = ANY($1::text[]) AND state = 'complete'`,
);

/**
 * $1 keys that nobody uses, $2 ms of grace, $3 ms for which a removal may last. An upload has its grace from its end on,
 * everything else from when it was first seen without use. Gives back what goes now.
 */
export const condemnFiles = statement(
  'condemn-files',
  `
  UPDATE file SET
    state = CASE WHEN over.is_over THEN 'removing' ELSE file.state END,
    orphaned_at = over.since,
    check_at = CASE WHEN over.is_over THEN statement_timestamp() + make_interval(secs => $3::bigint / 1000.0)
      ELSE over.ends END
  FROM (
    SELECT known.key, known.since, known.ends, known.ends <= statement_timestamp() AS is_over
    FROM (
      SELECT f.key, began.since, began.since + make_interval(secs => $2::bigint / 1000.0) AS ends
      FROM file AS f
      CROSS JOIN LATERAL (
        SELECT CASE WHEN f.state = 'pending' THEN f.expires_at
          ELSE coalesce(f.orphaned_at, statement_timestamp()) END AS since
      ) AS began
      WHERE f.key = ANY($1::text[])
    ) AS known
  ) AS over
  WHERE file.key = over.key
  RETURNING file.key, file.state`,
);

export const forgetFiles = statement(
  'forget-files',
  `DELETE FROM file WHERE key = ANY($1::text[]) AND state = 'removing'`,
);
