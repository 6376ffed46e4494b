import { statement } from '../../statement.ts';

const COLUMNS = `scope_id, id, domain, checkpoint_type, seq, epoch, created_at, created_by, last_sync_time,
    entity_counts, data_checksums, is_valid, validation_errors`;

/** The columns, in this order. */
export const insertCheckpoint = statement(
  'insert-checkpoint',
  `
  INSERT INTO checkpoint (${COLUMNS})
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::json, $11::json, $12, $13::json)`,
);

/** $1 scope, $2 how many stay, the newest. */
export const pruneCheckpoints = statement(
  'prune-checkpoints',
  `
  DELETE FROM checkpoint USING (
    SELECT scope_id, id FROM checkpoint WHERE scope_id = $1 ORDER BY created_at DESC, id DESC OFFSET $2::bigint
  ) AS old
  WHERE checkpoint.scope_id = old.scope_id AND checkpoint.id = old.id`,
);

/** $1 scope, $2 rows, $3 an id or null. */
export const readCheckpoints = statement(
  'read-checkpoints',
  `
  SELECT ${COLUMNS}
  FROM checkpoint
  WHERE scope_id = $1 AND ($3::text IS NULL OR id = $3::text)
  ORDER BY created_at DESC, id DESC
  LIMIT $2::integer`,
);

/** $1 scope, $2 id, $3 why. */
export const invalidateCheckpoint = statement(
  'invalidate-checkpoint',
  `
  UPDATE checkpoint SET is_valid = false, validation_errors = $3::json
  WHERE scope_id = $1 AND id = $2`,
);
