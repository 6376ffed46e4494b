/**
 * Whether statements are planned anew each time, for the rest of a transaction. Planning is a third of PostgreSQL's
 * work for a small batch, so it is spared where there is one way only: inserts, and lookups in tables with a single
 * index. Elsewhere a kept plan would stay with the index that looked best while the tables were empty.
 */
export const KEEP_PLANS = 'SET LOCAL plan_cache_mode = force_generic_plan';
export const PLAN_ANEW = 'SET LOCAL plan_cache_mode = force_custom_plan';
