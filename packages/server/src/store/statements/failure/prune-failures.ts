import { statement } from '../../statement.ts';

/** Keeps the newest $2 of the user $1. */
export const pruneFailures = statement(
  'prune-failures',
  `
  DELETE FROM sync_failure
  USING (
    SELECT device_id, id, type FROM sync_failure
    WHERE actor_id = $1
    ORDER BY at DESC
    OFFSET $2::bigint
  ) AS old
  WHERE sync_failure.actor_id = $1 AND sync_failure.device_id = old.device_id
    AND sync_failure.id = old.id AND sync_failure.type = old.type`,
);
