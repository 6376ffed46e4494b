import { statement } from '../../statement.ts';

/** $12: now. */
export const insertLog = statement(
  'insert-log',
  `
  INSERT INTO sync_log (scope_id, seq, at, type, id, version, operation, actor_id, device_id, change_id, outcome, before)
  SELECT scope_id, seq, to_timestamp($12::float8 / 1000), type, id, version, operation, actor_id, device_id, change_id,
    outcome, before
  FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::json[])
    AS line (scope_id, seq, type, id, version, operation, actor_id, device_id, change_id, outcome, before)`,
);
