import { statement } from '../../statement.ts';

/** Those among the users $1 of whom any change waits. */
export const readActorsWaiting = statement(
  'read-actors-waiting',
  `
  SELECT asked.user_id
  FROM unnest($1::text[]) AS asked (user_id)
  CROSS JOIN LATERAL (
    SELECT FROM waiting_change AS waiting WHERE waiting.actor_id = asked.user_id LIMIT 1
  ) AS found`,
);
