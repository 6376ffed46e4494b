import { statement } from '../../statement.ts';

/** All of a user's device. Bounded by LIMITS.failuresPerUserMax. */
export const readFailures = statement(
  'read-failures',
  `
  SELECT type, id, at, code, message, field, version
  FROM sync_failure
  WHERE actor_id = $1 AND device_id = $2`,
);
