import { statement } from '../../statement.ts';

/** A row per scope in $1, with nulls where there is none yet; each tells the clock. */
export const readHeads = statement(
  'read-heads',
  `
  SELECT wanted.id, found.head, found.horizon, found.created_at, found.closed_at,
    floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now
  FROM unnest($1::text[]) AS wanted (id)
  LEFT JOIN LATERAL (
    SELECT s.head, s.horizon, s.created_at, s.closed_at
    FROM scope AS s
    WHERE s.id = wanted.id
    LIMIT 1
  ) AS found ON true`,
);
