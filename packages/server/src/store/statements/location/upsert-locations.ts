import { statement } from '../../statement.ts';

const text = `
  INSERT INTO location (type, id, scope_id, alias_of)
  SELECT type, id, scope_id, alias_of
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS written (type, id, scope_id, alias_of)`;

/**
 * For records that were filed nowhere a moment ago: where somebody else was first, the statement fails, and the batch
 * is done again. A third of the time of the one below.
 */
export const insertLocations = statement('insert-locations', text);

/**
 * Files records anew, but only those that were filed in a scope that this transaction holds ($5). Otherwise somebody
 * else was first; then the column, which takes no NULL, fails the statement, and the batch is done again. (A count of
 * rows would come too late: the COMMIT is on its way already.)
 */
export const upsertLocations = statement(
  'upsert-locations',
  `${text}
  ON CONFLICT (id, type) DO UPDATE SET
    scope_id = CASE WHEN location.scope_id = ANY ($5::text[]) THEN excluded.scope_id END,
    alias_of = excluded.alias_of`,
);
