import { statement } from '../../statement.ts';

export const upsertConflicts = statement(
  'upsert-conflicts',
  `
  INSERT INTO sync_conflict (scope_id, id, type, entity_id, actor_id, device_id, status, winner, created_at, body, rival_id)
  SELECT scope_id, id, type, entity_id, actor_id, device_id, status, winner, created_at, body, rival_id
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::timestamptz[], $10::json[], $11::text[])
    AS written (scope_id, id, type, entity_id, actor_id, device_id, status, winner, created_at, body, rival_id)
  ON CONFLICT (scope_id, id) DO UPDATE SET
    type = excluded.type, entity_id = excluded.entity_id, actor_id = excluded.actor_id,
    device_id = excluded.device_id, status = excluded.status, winner = excluded.winner,
    created_at = excluded.created_at, body = excluded.body, rival_id = excluded.rival_id`,
);
