import { statement } from '../../statement.ts';
import { FILE_COLUMNS } from './columns.ts';

export const readFileByKey = statement(
  'read-file-by-key',
  `SELECT ${FILE_COLUMNS} FROM file AS f WHERE f.key = $1 AND f.state <> 'removing'`,
);

/** $1 user, $2 rows to count at most. */
export const countPendingFiles = statement(
  'count-pending-files',
  `
  SELECT count(*)::integer AS pending
  FROM (SELECT FROM file WHERE user_id = $1 AND state = 'pending' LIMIT $2) AS counted`,
);

/**
 * $1 types, $2 ids, $3 fields, $4 names, $5 users, a row per file that a record names. A file that is bound to it comes
 * before an unbound one of the user.
 */
export const readNamedFiles = statement(
  'read-named-files',
  `
  SELECT wanted.position::integer AS position, ${FILE_COLUMNS}
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
    WITH ORDINALITY AS wanted (type, entity_id, field, name, user_id, position)
  CROSS JOIN LATERAL (
    SELECT * FROM (
      SELECT 1 AS rank, b.* FROM file AS b
      WHERE b.entity_id = wanted.entity_id AND b.type = wanted.type AND b.field = wanted.field
        AND b.name = wanted.name AND b.state = 'complete'
      UNION ALL
      SELECT 2 AS rank, u.* FROM file AS u
      WHERE u.key = wanted.name AND u.user_id = wanted.user_id AND u.entity_id IS NULL AND u.state = 'complete'
    ) AS either
    ORDER BY rank LIMIT 1
  ) AS f`,
);

/** $1 type, $2 id, $3 field, $4 name, $5 user: the file behind the name, and the user's uploads to it. */
export const readCandidateFiles = statement(
  'read-candidate-files',
  `
  SELECT ${FILE_COLUMNS} FROM (
    SELECT 1 AS rank, p.* FROM file AS p
    WHERE p.entity_id = $2 AND p.type = $1 AND p.field = $3 AND p.name = $4 AND p.user_id = $5 AND p.state = 'pending'
    UNION ALL
    SELECT 2 AS rank, u.* FROM file AS u
    WHERE u.key = $4 AND u.user_id = $5 AND u.entity_id IS NULL AND u.state <> 'removing'
    UNION ALL
    SELECT 3 AS rank, b.* FROM file AS b
    WHERE b.entity_id = $2 AND b.type = $1 AND b.field = $3 AND b.name = $4 AND b.state = 'complete'
  ) AS f
  ORDER BY f.rank`,
);
