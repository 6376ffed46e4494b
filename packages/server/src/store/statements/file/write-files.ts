import { statement } from '../../statement.ts';

/** $1 key, $2 type, $3 id, $4 field: whatever else stands behind the name gives way, and is nobody's from now on. */
export const replaceFile = statement(
  'replace-file',
  `
  UPDATE file AS old SET scope_id = NULL, type = NULL, entity_id = NULL, field = NULL, check_at = statement_timestamp()
  FROM file AS new
  WHERE new.key = $1 AND old.entity_id = $3 AND old.type = $2 AND old.field = $4 AND old.name = new.name
    AND old.state = 'complete' AND old.key <> new.key`,
);

/** $1 key, $2 size, $3 checksum, $4 scope, $5 type, $6 id, $7 field, the last four null to leave it as it is, $8 ms to the next look. */
export const completeFile = statement(
  'complete-file',
  `
  UPDATE file SET state = 'complete', size = $2, sha256 = $3, scope_id = coalesce($4, scope_id),
    type = coalesce($5, type), entity_id = coalesce($6, entity_id), field = coalesce($7, field),
    completed_at = coalesce(completed_at, statement_timestamp()), orphaned_at = NULL,
    check_at = statement_timestamp() + make_interval(secs => $8::bigint / 1000.0)
  WHERE key = $1 AND state <> 'removing'`,
);

/** $1 keys, $2 scopes, $3 types, $4 ids, $5 fields, $6 ms to the next look. */
export const bindFiles = statement(
  'bind-files',
  `
  UPDATE file SET scope_id = meant.scope_id, type = meant.type, entity_id = meant.entity_id, field = meant.field,
    orphaned_at = NULL, check_at = statement_timestamp() + make_interval(secs => $6::bigint / 1000.0)
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
    AS meant (key, scope_id, type, entity_id, field)
  WHERE file.key = meant.key AND file.entity_id IS NULL AND file.state = 'complete'`,
);
