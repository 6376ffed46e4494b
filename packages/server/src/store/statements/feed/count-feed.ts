import { statement } from '../../statement.ts';
import { BELONGS, FEED_PARTS } from './conditions.ts';

/** How many rows a feed has, counted up to $7. */
export const countFeed = statement(
  'count-feed',
  `
  SELECT count(*) AS count
  FROM (
    SELECT 1
    FROM ${FEED_PARTS}
    CROSS JOIN LATERAL (
      SELECT 1
      FROM record AS r
      WHERE r.scope_id = part.scope_id AND ${BELONGS} AND r.seq <= part.up_to
      ORDER BY r.seq
      LIMIT $7::integer
    ) AS one
    LIMIT $7::integer
  ) AS counted`,
);
