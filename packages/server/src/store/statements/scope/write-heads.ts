import { statement } from '../../statement.ts';

/** $4: now. The moment of closing is kept while the scope stays closed. */
export const writeHeads = statement(
  'write-heads',
  `
  UPDATE scope
  SET head = written.head,
      closed_at = CASE WHEN written.closed THEN coalesce(scope.closed_at, to_timestamp($4::float8 / 1000)) END
  FROM unnest($1::text[], $2::bigint[], $3::boolean[]) AS written (id, head, closed)
  WHERE scope.id = written.id`,
);
