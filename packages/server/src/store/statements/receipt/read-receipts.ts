import { statement } from '../../statement.ts';

/** $1 actors, $2 change ids, a row per key. */
export const readReceipts = statement(
  'read-receipts',
  `
  SELECT wanted.actor_id, wanted.change_id, kept.fingerprint, kept.scope_id, kept.body
  FROM unnest($1::text[], $2::text[]) AS wanted (actor_id, change_id)
  CROSS JOIN LATERAL (
    SELECT r.fingerprint, r.scope_id, r.body
    FROM receipt AS r
    WHERE r.actor_id = wanted.actor_id AND r.change_id = wanted.change_id
    LIMIT 1
  ) AS kept`,
);
