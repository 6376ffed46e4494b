import { statement } from '../../statement.ts';

const COLUMNS = `m.type, m.id, m.origin_id, m.actor_id, m.version, m.fields, m.is_gone, m.moved_at`;

/** $1 source, $2 type, $3 ids. */
export const readMoved = statement(
  'read-moved',
  `
  SELECT ${COLUMNS}
  FROM unnest($3::text[]) AS wanted (id)
  CROSS JOIN LATERAL (
    SELECT * FROM moved_row WHERE source = $1 AND type = $2 AND moved_row.id = wanted.id LIMIT 1
  ) AS m`,
);

/** $1 source, $2 type, $3 id to begin after, $4 how many. */
export const pageMoved = statement(
  'page-moved',
  `
  SELECT ${COLUMNS}
  FROM moved_row AS m
  WHERE m.source = $1 AND m.type = $2 AND m.id > $3 AND NOT m.is_gone
  ORDER BY m.id
  LIMIT $4`,
);
