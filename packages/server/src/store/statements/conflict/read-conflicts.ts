import { statement } from '../../statement.ts';

/**
 * Newest first, at most $6: $1 scopes; $2 an id or null; $3 a user or null; $4 types or null; $5 only open ones. A
 * user's own list has what is open and what the user lost; asked for by id, a conflict shows whoever won.
 */
export const readConflicts = statement(
  'read-conflicts',
  `
  SELECT body
  FROM sync_conflict
  WHERE scope_id = ANY ($1::text[])
    AND ($2::text IS NULL OR id = $2::text)
    AND ($3::text IS NULL
      OR (actor_id = $3::text
        AND ($2::text IS NOT NULL OR status = 'pending' OR (status = 'resolved' AND winner IN ('server', 'mixed'))))
      OR (rival_id = $3::text AND status = 'resolved' AND winner IN ('client', 'mixed')))
    AND ($4::text[] IS NULL OR type = ANY ($4::text[]))
    AND ($5::boolean IS NOT TRUE OR status = 'pending')
  ORDER BY created_at DESC, id DESC
  LIMIT $6::integer`,
);
