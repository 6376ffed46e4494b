import { statement } from '../../statement.ts';

/** Of the scopes $1. The halves as text: they don't fit a number. */
export const readDigests = statement(
  'read-digests',
  `
  SELECT found.scope_id, found.type, found.count, found.high::text AS high, found.low::text AS low
  FROM unnest($1::text[]) AS wanted (scope_id)
  CROSS JOIN LATERAL (
    SELECT d.scope_id, d.type, d.count, d.high, d.low
    FROM digest AS d
    WHERE d.scope_id = wanted.scope_id
    OFFSET 0
  ) AS found`,
);
