import { statement } from '../../statement.ts';

/**
 * $4: now. The moment of closing is kept while the scope stays closed. The rows are there, and locked: it is an insert
 * because such a one finds its row by the primary key however it was planned.
 */
export const upsertHeads = statement(
  'upsert-heads',
  `
  INSERT INTO scope (id, head, closed_at)
  SELECT written.id, written.head, CASE WHEN written.closed THEN to_timestamp($4::float8 / 1000) END
  FROM unnest($1::text[], $2::bigint[], $3::boolean[]) AS written (id, head, closed)
  ON CONFLICT (id) DO UPDATE SET
    head = excluded.head,
    closed_at = CASE WHEN excluded.closed_at IS NOT NULL THEN coalesce(scope.closed_at, excluded.closed_at) END`,
);
