import { statement } from '../../statement.ts';

/**
 * Parents that somebody waits for although they have been filed by now, where that somebody may enter: at most $1, in any
 * order, so that none stands before the others for ever. Looks at all that waits, so it is asked seldom.
 */
export const readAwaitedParents = statement(
  'read-awaited-parents',
  `
  SELECT waiting.parent_type AS type, waiting.parent_id AS id
  FROM waiting_change AS waiting
  JOIN location AS l ON l.id = waiting.parent_id AND l.type = waiting.parent_type
  WHERE l.scope_id = 'user:' || waiting.actor_id OR EXISTS (
    SELECT FROM membership_by_user AS m
    WHERE m.user_id = waiting.actor_id AND m.scope_id = l.scope_id AND m.revoked_at IS NULL
  )
  GROUP BY waiting.parent_type, waiting.parent_id
  ORDER BY random()
  LIMIT $1`,
);
