import { statement } from '../../statement.ts';

/** A row per receipt; one that was trimmed meanwhile is not made anew. */
export const replaceReceipts = statement(
  'replace-receipts',
  `
  UPDATE receipt
  SET scope_id = written.scope_id, body = written.body
  FROM unnest($1::text[], $2::text[], $3::text[], $4::json[]) AS written (actor_id, change_id, scope_id, body)
  WHERE receipt.actor_id = written.actor_id AND receipt.change_id = written.change_id`,
);
