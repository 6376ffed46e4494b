import { statement } from '../../statement.ts';

/** $6: now. A receipt that is there already fails the statement: the change was decided elsewhere meanwhile. */
export const insertReceipts = statement(
  'insert-receipts',
  `
  INSERT INTO receipt (actor_id, change_id, fingerprint, scope_id, body, created_at)
  SELECT actor_id, change_id, fingerprint, scope_id, body, to_timestamp($6::float8 / 1000)
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::json[])
    AS written (actor_id, change_id, fingerprint, scope_id, body)`,
);
