import { statement } from '../../statement.ts';
import { WAITING_COLUMNS } from './columns.ts';

/** Anybody's, oldest first: $1 types, $2 ids of the parents, a row per parent. */
export const readWaitingByParent = statement(
  'read-waiting-by-parent',
  `
  SELECT ${WAITING_COLUMNS}
  FROM unnest($1::text[], $2::text[]) AS wanted (type, id)
  JOIN waiting_change AS waiting
    ON waiting.parent_type = wanted.type AND waiting.parent_id = wanted.id
  ORDER BY waiting.created_at, waiting.id`,
);
