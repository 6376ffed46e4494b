import { statement } from '../../statement.ts';

/** $1 scopes, $2 entries, $3 at, $4 actors, $5 types, $6 ids, $7 operations, $8 codes, $9 messages, $10 retries. */
export const saveRefusals = statement(
  'save-refusals',
  `
  INSERT INTO sync_refusal (scope_id, entry_id, at, first_at, actor_id, entity_type, entity_id, operation, code, message,
    retry_count)
  SELECT scope_id, entry_id, at, at, actor_id, entity_type, entity_id, operation, code, message, retry_count
  FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::integer[])
    AS sent (scope_id, entry_id, at, actor_id, entity_type, entity_id, operation, code, message, retry_count)
  ON CONFLICT (scope_id, entry_id) DO UPDATE SET
    at = excluded.at, actor_id = excluded.actor_id, operation = excluded.operation, code = excluded.code,
    message = excluded.message, retry_count = greatest(sync_refusal.retry_count, excluded.retry_count),
    settled = NULL, settled_by = NULL, settled_at = NULL`,
);

/** A session's columns, a row each; one that has ended takes the place of its beginning. */
export const saveSessions = statement(
  'save-sessions',
  `
  INSERT INTO sync_metrics (id, tenant_id, sync_session_id, start_time, end_time, duration_ms, entities_processed,
    entities_successful, entities_failed, conflicts_detected, sync_type, trigger_source, success, error_summary,
    performance_data)
  SELECT id, tenant, session, start_time, end_time, nullif(duration, -1), processed, successful, failed, conflicts, type,
    trigger, success, error, performance
  FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::integer[],
    $7::integer[], $8::integer[], $9::integer[], $10::integer[], $11::text[], $12::text[], $13::boolean[], $14::text[],
    $15::json[])
    AS sent (id, tenant, session, start_time, end_time, duration, processed, successful, failed, conflicts, type, trigger,
      success, error, performance)
  ON CONFLICT (tenant_id, id) DO UPDATE SET
    end_time = excluded.end_time, duration_ms = excluded.duration_ms,
    entities_processed = excluded.entities_processed, entities_successful = excluded.entities_successful,
    entities_failed = excluded.entities_failed, conflicts_detected = excluded.conflicts_detected,
    success = excluded.success, error_summary = excluded.error_summary,
    performance_data = excluded.performance_data`,
);

/** $1 scope, $2 entry, $3 how, $4 who. */
export const settleRefusal = statement(
  'settle-refusal',
  `
  UPDATE sync_refusal SET settled = $3, settled_by = $4, settled_at = clock_timestamp()
  WHERE scope_id = $1 AND entry_id = $2 AND settled IS NULL`,
);

/** Entries that were taken after all: $1 scopes, $2 entries, a row each. */
export const settleProcessed = statement(
  'settle-processed',
  `
  UPDATE sync_refusal SET settled = 'processed', settled_at = clock_timestamp()
  FROM unnest($1::text[], $2::text[]) AS done (scope_id, entry_id)
  WHERE sync_refusal.scope_id = done.scope_id AND sync_refusal.entry_id = done.entry_id
    AND sync_refusal.settled IS NULL`,
);

/** $1 scope, $2 id, $3 who, $4 act, $5 subject, $6 detail. */
export const insertAct = statement(
  'insert-act',
  `
  INSERT INTO sync_act (scope_id, id, at, actor_id, act, subject, detail)
  VALUES ($1, $2, clock_timestamp(), $3, $4, $5, $6::json)`,
);
