import { statement } from '../../statement.ts';
import { WAITING_COLUMNS } from './columns.ts';

/** Waiting changes to records, oldest first: $1 users, $2 types, $3 ids, a row per user and record. */
export const readWaitingByTarget = statement(
  'read-waiting-by-target',
  `
  SELECT ${WAITING_COLUMNS}
  FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (user_id, type, id)
  CROSS JOIN LATERAL (
    SELECT ${WAITING_COLUMNS}
    FROM waiting_change AS waiting
    WHERE waiting.actor_id = wanted.user_id AND waiting.target_type = wanted.type AND waiting.target_id = wanted.id
    OFFSET 0
  ) AS waiting
  ORDER BY waiting.created_at, waiting.id`,
);
