import { statement } from '../../statement.ts';
import { WAITING_COLUMNS } from './columns.ts';

/** A user's ($1) waiting changes to records, oldest first: $2 types, $3 ids, a row per record. */
export const readWaitingByTarget = statement(
  'read-waiting-by-target',
  `
  SELECT ${WAITING_COLUMNS}
  FROM unnest($2::text[], $3::text[]) AS wanted (type, id)
  CROSS JOIN LATERAL (
    SELECT ${WAITING_COLUMNS}
    FROM waiting_change AS waiting
    WHERE waiting.actor_id = $1 AND waiting.target_type = wanted.type AND waiting.target_id = wanted.id
    OFFSET 0
  ) AS waiting
  ORDER BY waiting.created_at, waiting.id`,
);
