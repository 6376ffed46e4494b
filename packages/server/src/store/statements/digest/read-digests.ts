import { statement } from '../../statement.ts';

/** The halves as text: they don't fit a number. */
export const readDigests = statement(
  'read-digests',
  `
  SELECT scope_id, type, count, high::text AS high, low::text AS low
  FROM digest
  WHERE scope_id = ANY ($1::text[])`,
);
