import { type Statement, statement } from '../../statement.ts';
import { RECORD_COLUMNS, STORED_COLUMNS, TEXT_COLUMNS } from '../record/columns.ts';
import { BELONGS, FEED_PARTS } from './conditions.ts';

/**
 * A page of at most $7 rows. The inner limit makes each scope one index scan that stops early, and a quiet scope one
 * probe; it also forces a nested loop in the order of the parts, so the outer limit stops the whole walk and nothing
 * is sorted. An ORDER BY outside would read every scope to its end first.
 */
const readFeedAs = (name: string, columns: string): Statement =>
  statement(
    name,
    `
  SELECT ${columns}
  FROM ${FEED_PARTS}
  CROSS JOIN LATERAL (
    SELECT ${STORED_COLUMNS}
    FROM record AS r
    WHERE r.scope_id = part.scope_id AND ${BELONGS} AND r.seq <= part.up_to
    ORDER BY r.seq
    LIMIT $7::integer
  ) AS r
  LIMIT $7::integer`,
  );

export const readFeed = readFeedAs('read-feed', RECORD_COLUMNS);
export const readFeedTexts = readFeedAs('read-feed-texts', TEXT_COLUMNS);
