/**
 * What belongs to a feed. $1–$4 name its parts, one row each: scope, after, up to, and created until (null: no
 * matter when); $5: types or null; $6: least priority. Tombstones pass whatever the priority.
 * Conditions that are not asked for ($4 and $5 null, $6 zero) vanish from the plan, so that counting needs the index
 * alone.
 */
export const FEED_PARTS = `
  unnest($1::text[], $2::bigint[], $3::bigint[], $4::timestamptz[])
    AS part (scope_id, after, up_to, created_until)`;

export const BELONGS = `
      r.seq > part.after
      AND ($4::timestamptz[] IS NULL OR part.created_until IS NULL OR r.created_at < part.created_until)
      AND ($5::text[] IS NULL OR r.type = ANY ($5::text[]))
      AND ($6::smallint = 0 OR r.sync_priority >= $6::smallint OR r.tombstone IS NOT NULL)`;
