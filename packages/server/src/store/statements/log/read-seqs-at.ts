import { statement } from '../../statement.ts';

/**
 * The last seq of each scope's log that was written at the moment $2 or before. Times rise with seqs within a scope,
 * so it halves the log again and again: some twenty probes of the primary key, however long the log, and no index
 * over times that every write would have to keep.
 *
 * The answer lies in low … high, where low is 0 or a line that is old enough.
 */
export const readSeqsAt = statement(
  'read-seqs-at',
  `
  WITH RECURSIVE search (scope_id, low, high) AS (
    SELECT wanted.scope_id COLLATE "C", 0::bigint, last.seq
    FROM unnest($1::text[]) AS wanted (scope_id)
    CROSS JOIN LATERAL (
      SELECT line.seq FROM sync_log AS line
      WHERE line.scope_id = wanted.scope_id
      ORDER BY line.seq DESC
      LIMIT 1
    ) AS last
    UNION ALL
    SELECT search.scope_id,
      CASE WHEN probe.is_old_enough THEN probe.seq ELSE search.low END,
      CASE WHEN probe.is_old_enough THEN search.high ELSE middle.seq - 1 END
    FROM search
    CROSS JOIN LATERAL (SELECT (search.low + search.high + 1) / 2 AS seq) AS middle
    LEFT JOIN LATERAL (
      SELECT line.seq, line.seq <= search.high AND line.at <= to_timestamp($2::float8 / 1000) AS is_old_enough
      FROM sync_log AS line
      WHERE line.scope_id = search.scope_id AND line.seq >= middle.seq
      ORDER BY line.seq
      LIMIT 1
    ) AS probe ON true
    WHERE search.low < search.high
  )
  SELECT scope_id, low AS seq
  FROM search
  WHERE low >= high AND low > 0`,
);
