import { statement } from '../../statement.ts';

export const upsertDigests = statement(
  'upsert-digests',
  `
  INSERT INTO digest (scope_id, type, count, high, low)
  SELECT scope_id, type, count, high, low
  FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
    AS written (scope_id, type, count, high, low)
  ON CONFLICT (scope_id, type) DO UPDATE SET
    count = excluded.count, high = excluded.high, low = excluded.low`,
);
