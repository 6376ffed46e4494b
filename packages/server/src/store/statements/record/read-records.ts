import { statement } from '../../statement.ts';
import { RECORD_COLUMNS } from './columns.ts';

/** By primary key: $1 scopes, $2 types, $3 ids, a row per key; $4 all scopes among them. */
export const readRecords = statement(
  'read-records',
  `
  SELECT ${RECORD_COLUMNS}
  FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (scope_id, type, id)
  JOIN record AS r ON r.scope_id = wanted.scope_id AND r.type = wanted.type AND r.id = wanted.id
  WHERE r.scope_id = ANY ($4::text[])`,
);
