import { statement } from '../../statement.ts';
import { WAITING_COLUMNS } from './columns.ts';

/** Anybody's, oldest first: $1 types, $2 ids of the parents, a row per parent. */
export const readWaitingByParent = statement(
  'read-waiting-by-parent',
  `
  SELECT ${WAITING_COLUMNS}
  FROM unnest($1::text[], $2::text[]) AS wanted (type, id)
  CROSS JOIN LATERAL (
    SELECT ${WAITING_COLUMNS}
    FROM waiting_change AS waiting
    WHERE waiting.parent_type = wanted.type AND waiting.parent_id = wanted.id
    OFFSET 0
  ) AS waiting
  ORDER BY waiting.created_at, waiting.id`,
);
