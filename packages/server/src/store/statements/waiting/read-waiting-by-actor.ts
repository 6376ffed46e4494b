import { statement } from '../../statement.ts';
import { WAITING_COLUMNS } from './columns.ts';

/** All of a user, oldest first. Bounded by LIMITS.waitingPerActorMax, which the engine keeps. */
export const readWaitingByActor = statement(
  'read-waiting-by-actor',
  `
  SELECT ${WAITING_COLUMNS}
  FROM waiting_change AS waiting
  WHERE waiting.actor_id = $1
  ORDER BY waiting.created_at, waiting.id`,
);
