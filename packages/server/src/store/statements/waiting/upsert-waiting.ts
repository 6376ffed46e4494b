import { statement } from '../../statement.ts';

export const upsertWaiting = statement(
  'upsert-waiting',
  `
  INSERT INTO waiting_change (actor_id, id, parent_type, parent_id, target_type, target_id, conflict_id, payload,
    created_at)
  SELECT actor_id, id, parent_type, parent_id, target_type, target_id, conflict_id, payload, created_at
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::json[],
    $9::timestamptz[])
    AS written (actor_id, id, parent_type, parent_id, target_type, target_id, conflict_id, payload, created_at)
  ON CONFLICT (actor_id, id) DO UPDATE SET
    parent_type = excluded.parent_type, parent_id = excluded.parent_id, target_type = excluded.target_type,
    target_id = excluded.target_id, conflict_id = excluded.conflict_id, payload = excluded.payload,
    created_at = excluded.created_at`,
);
