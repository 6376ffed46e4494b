import { statement } from '../../statement.ts';

/** $1 actors, $2 change ids, a row per key; $3 all actors. */
export const readReceipts = statement(
  'read-receipts',
  `
  SELECT receipt.actor_id, receipt.change_id, receipt.fingerprint, receipt.scope_id, receipt.body
  FROM unnest($1::text[], $2::text[]) AS wanted (actor_id, change_id)
  JOIN receipt ON receipt.actor_id = wanted.actor_id AND receipt.change_id = wanted.change_id
  WHERE receipt.actor_id = ANY ($3::text[])`,
);
