import { statement } from '../../statement.ts';

/** $1 types, $2 ids, a row per key. */
export const readLocations = statement(
  'read-locations',
  `
  SELECT location.type, location.id, location.scope_id, location.alias_of
  FROM unnest($1::text[], $2::text[]) AS wanted (type, id)
  JOIN location ON location.type = wanted.type AND location.id = wanted.id`,
);
