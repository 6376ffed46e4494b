import { statement } from '../../statement.ts';

/**
 * Versions that records had at positions of their scopes: $1 scopes, $2 types, $3 ids, $4 seqs, a row each. Read from
 * the newest line backwards, for few lines are behind a device's last page.
 */
export const readVersionsAt = statement(
  'read-versions-at',
  `
  SELECT wanted.scope_id AS scope, wanted.type, wanted.id, wanted.seq, line.version
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS wanted (scope_id, type, id, seq)
  CROSS JOIN LATERAL (
    SELECT l.version
    FROM sync_log AS l
    WHERE l.scope_id = wanted.scope_id AND l.id = wanted.id AND l.seq <= wanted.seq AND l.type = wanted.type
    ORDER BY l.version DESC
    LIMIT 1
  ) AS line`,
);
