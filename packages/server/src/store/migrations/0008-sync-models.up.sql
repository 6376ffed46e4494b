-- What tenants can look at of their syncing: logs, conflicts, sessions and checkpoints. Ids are bare here, as apps know
-- them; a tenant's scope is `tenant:<id>`, and row-level security shows nothing of a tenant that was not named.

-- Entries that were refused, or failed and are tried again: they have left nothing in the log of their scope. What was in
-- them is not kept.
CREATE TABLE sync_refusal (
  scope_id text COLLATE "C" NOT NULL,
  entry_id text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  first_at timestamptz NOT NULL,
  actor_id text COLLATE "C" NOT NULL,
  entity_type text COLLATE "C" NOT NULL,
  entity_id text COLLATE "C" NOT NULL,
  operation text NOT NULL,
  code text NOT NULL,
  message text NOT NULL,
  retry_count integer NOT NULL,
  -- 'processed' by a later try, or an administrator's word on it: 'acknowledged' or 'rejected'.
  settled text,
  settled_by text COLLATE "C",
  settled_at timestamptz,
  PRIMARY KEY (scope_id, entry_id)
);
CREATE INDEX sync_refusal_newest ON sync_refusal (scope_id, at, entry_id);

-- A row per sync session.
CREATE TABLE sync_metrics (
  id text COLLATE "C" NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  sync_session_id text COLLATE "C" NOT NULL,
  start_time timestamptz NOT NULL,
  end_time timestamptz,
  duration_ms integer,
  entities_processed integer NOT NULL DEFAULT 0,
  entities_successful integer NOT NULL DEFAULT 0,
  entities_failed integer NOT NULL DEFAULT 0,
  conflicts_detected integer NOT NULL DEFAULT 0,
  sync_type text NOT NULL CHECK (sync_type IN ('manual', 'automatic', 'initial_load')),
  trigger_source text CHECK (trigger_source IN ('websocket', 'api', 'scheduled')),
  success boolean NOT NULL DEFAULT false,
  error_summary text,
  performance_data json,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX sync_metrics_newest ON sync_metrics (tenant_id, start_time, id);

-- What a scope was at a position of its log: counts and checksums, no copy. History tells the rest.
CREATE TABLE checkpoint (
  scope_id text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  domain text COLLATE "C" NOT NULL,
  checkpoint_type text NOT NULL CHECK (checkpoint_type IN ('full_sync', 'incremental_sync')),
  seq bigint NOT NULL,
  epoch integer NOT NULL,
  created_at timestamptz NOT NULL,
  created_by text COLLATE "C" NOT NULL,
  last_sync_time timestamptz NOT NULL,
  entity_counts json NOT NULL,
  data_checksums json NOT NULL,
  is_valid boolean NOT NULL DEFAULT true,
  validation_errors json,
  PRIMARY KEY (scope_id, id)
);
CREATE INDEX checkpoint_newest ON checkpoint (scope_id, created_at, id);

-- Acts of administrators on a tenant's syncing.
CREATE TABLE sync_act (
  scope_id text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  actor_id text COLLATE "C" NOT NULL,
  act text NOT NULL,
  subject text COLLATE "C" NOT NULL,
  detail json,
  PRIMARY KEY (scope_id, id)
);
CREATE INDEX sync_act_newest ON sync_act (scope_id, at, id);

CREATE INDEX sync_conflict_newest ON sync_conflict (scope_id, created_at, id);

ALTER TABLE sync_refusal ENABLE ROW LEVEL SECURITY;
ALTER TABLE sync_metrics ENABLE ROW LEVEL SECURITY;
ALTER TABLE checkpoint ENABLE ROW LEVEL SECURITY;
ALTER TABLE sync_act ENABLE ROW LEVEL SECURITY;
CREATE POLICY named_scopes ON sync_refusal
  USING ((SELECT nullif(current_setting('ackord.scopes', true), '')::jsonb) ? scope_id);
CREATE POLICY named_scopes ON sync_metrics
  USING ((SELECT nullif(current_setting('ackord.scopes', true), '')::jsonb) ? ('tenant:' || tenant_id));
CREATE POLICY named_scopes ON checkpoint
  USING ((SELECT nullif(current_setting('ackord.scopes', true), '')::jsonb) ? scope_id);
CREATE POLICY named_scopes ON sync_act
  USING ((SELECT nullif(current_setting('ackord.scopes', true), '')::jsonb) ? scope_id);

-- A line of a scope's log per decided change, a row per entry that was refused, a row per first load.
CREATE VIEW sync_logs WITH (security_invoker = true) AS
SELECT
  md5(l.scope_id || ' ' || l.seq)::uuid::text AS id,
  substr(l.scope_id, 8) AS tenant_id,
  substr(l.type, strpos(l.type, '.') + 1) AS entity_type,
  substr(l.id, strpos(l.id, '/') + 1) AS entity_id,
  CASE WHEN l.operation IN ('CREATE', 'MOVE_IN', 'REVIVE', 'ALIAS') THEN 'create'
    WHEN l.operation IN ('DELETE', 'MOVE_OUT') THEN 'delete' ELSE 'update' END AS operation_type,
  'client_to_server' AS sync_direction,
  CASE WHEN l.outcome IN ('conflict', 'refed') THEN 'conflict' ELSE 'success' END AS status,
  NULL::text AS error_message,
  -- Only of what the record is now: earlier states are history.
  (SELECT encode(r.checksum, 'hex') FROM record AS r
    WHERE r.scope_id = l.scope_id AND r.id = l.id AND r.type = l.type AND r.seq = l.seq) AS payload_checksum,
  l.at AS created_at,
  l.at AS processed_at,
  0 AS retry_count,
  json_build_object('seq', l.seq, 'version', l.version, 'operation', l.operation, 'outcome', l.outcome,
    'actor', l.actor_id, 'change_id', l.change_id) AS sync_metadata
FROM sync_log AS l
WHERE l.scope_id LIKE 'tenant:%' AND l.operation NOT IN ('GRANT', 'REVOKE', 'CLOSE')
UNION ALL
SELECT
  md5(f.scope_id || ' entry ' || f.entry_id)::uuid::text,
  substr(f.scope_id, 8), f.entity_type, f.entity_id, f.operation, 'client_to_server', 'failed',
  f.code || ': ' || f.message, NULL, f.at, CASE WHEN f.settled IS NULL THEN NULL ELSE f.settled_at END, f.retry_count,
  json_build_object('entry_id', f.entry_id, 'actor', f.actor_id, 'code', f.code, 'first_at', f.first_at,
    'settled', f.settled, 'settled_by', f.settled_by, 'settled_at', f.settled_at)
FROM sync_refusal AS f
WHERE f.scope_id LIKE 'tenant:%'
UNION ALL
SELECT
  md5('load ' || m.id)::uuid::text,
  m.tenant_id, 'TenantDatabase', m.tenant_id, 'initial_load', 'server_to_client',
  CASE WHEN m.success THEN 'success' ELSE 'failed' END, m.error_summary, NULL, m.start_time, m.end_time, 0,
  json_build_object('session', m.sync_session_id, 'records', m.entities_processed)
FROM sync_metrics AS m
WHERE m.sync_type = 'initial_load';

CREATE VIEW sync_conflicts WITH (security_invoker = true) AS
SELECT
  c.id,
  substr(c.scope_id, 8) AS tenant_id,
  substr(c.type, strpos(c.type, '.') + 1) AS entity_type,
  substr(c.entity_id, strpos(c.entity_id, '/') + 1) AS entity_id,
  -- Of the two sides as they are in conflict_data.
  md5(coalesce(c.body ->> 'client', '')) AS local_checksum,
  md5(coalesce(c.body ->> 'server', '')) AS server_checksum,
  to_timestamp(nullif(c.body ->> 'clientTime', '0')::double precision / 1000) AS local_last_modified,
  to_timestamp(nullif(c.body ->> 'serverTime', '0')::double precision / 1000) AS server_last_modified,
  CASE c.body ->> 'conflictType' WHEN 'CONCURRENT_MODIFICATION' THEN 'version_conflict'
    WHEN 'DELETION_CONFLICT' THEN 'deletion_conflict' WHEN 'DEPENDENCY_CONFLICT' THEN 'dependency_conflict'
    ELSE 'data_mismatch' END AS conflict_type,
  CASE WHEN c.status = 'pending' THEN 'pending' WHEN c.winner = 'client' THEN 'resolved_local'
    WHEN c.winner IN ('mixed', 'both') THEN 'resolved_manual' ELSE 'resolved_server' END AS resolution_status,
  CASE coalesce(c.body -> 'resolution' ->> 'strategy', c.body ->> 'strategy')
    WHEN 'MANUAL_RESOLUTION' THEN 'manual_merge'
    ELSE lower(coalesce(c.body -> 'resolution' ->> 'strategy', c.body ->> 'strategy')) END AS resolution_strategy,
  c.created_at,
  to_timestamp((c.body ->> 'resolvedAt')::double precision / 1000) AS resolved_at,
  c.body ->> 'resolvedBy' AS resolved_by,
  c.body AS conflict_data
FROM sync_conflict AS c
WHERE c.scope_id LIKE 'tenant:%';

CREATE VIEW sync_checkpoints WITH (security_invoker = true) AS
SELECT
  id, substr(scope_id, 8) AS tenant_id, checkpoint_type, last_sync_time, entity_counts, data_checksums,
  epoch || '.' || seq AS sync_version, created_at, is_valid, validation_errors
FROM checkpoint
WHERE scope_id LIKE 'tenant:%';
