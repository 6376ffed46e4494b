-- The tables of Ackord. Ids are compared byte by byte (collation "C"): faster, and the same order on every system.
-- Stored JSON is `json`, not `jsonb`, where it is only written and read whole: writing 1,000 records costs a quarter
-- less, and a document comes back as it was sent.

CREATE TABLE setting (
  key text COLLATE "C" PRIMARY KEY,
  value jsonb NOT NULL
);

-- One row per scope: the lock that orders its commits, and the newest seq. Nearly every commit updates it, so pages
-- keep room for the next version of a row.
CREATE TABLE scope (
  id text COLLATE "C" PRIMARY KEY,
  head bigint NOT NULL DEFAULT 0,
  horizon bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  closed_at timestamptz
) WITH (fillfactor = 50);

CREATE TABLE record (
  scope_id text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  seq bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  deleted_at timestamptz,
  created_by text COLLATE "C" NOT NULL,
  updated_by text COLLATE "C" NOT NULL,
  sync_priority smallint NOT NULL,
  field_clock json NOT NULL,
  checksum bytea NOT NULL,
  doc json NOT NULL,
  -- Id of the hard parent; its type follows from the record's own.
  owner_id text COLLATE "C",
  -- null on tombstones and for types without one.
  unique_key text COLLATE "C",
  tombstone json,
  -- Scopes that it has lived in before; null for most.
  former_scopes text[] COLLATE "C",
  -- The id before the type, since the second comparison then tells two rows apart.
  PRIMARY KEY (scope_id, id, type),
  -- One live holder per unique key, judged at commit, so that a batch may hand a key on. An exclusion constraint
  -- rather than UNIQUE, because it may be partial: most types have no unique key and then pay nothing.
  CONSTRAINT record_unique_key EXCLUDE USING btree (scope_id WITH =, type WITH =, unique_key WITH =)
    WHERE (unique_key IS NOT NULL) DEFERRABLE INITIALLY DEFERRED
);
-- The feed. Every update moves a record's seq, so no update can be HOT and a fillfactor would buy nothing.
CREATE INDEX record_feed ON record (scope_id, seq);
CREATE INDEX record_owner ON record (scope_id, owner_id) WHERE owner_id IS NOT NULL;

CREATE TABLE sync_log (
  scope_id text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  at timestamptz NOT NULL,
  type text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  operation text NOT NULL,
  actor_id text COLLATE "C" NOT NULL,
  device_id text COLLATE "C",
  change_id text COLLATE "C",
  outcome text NOT NULL,
  before json,
  PRIMARY KEY (scope_id, seq)
);
CREATE INDEX sync_log_history ON sync_log (scope_id, id, version);

CREATE TABLE receipt (
  actor_id text COLLATE "C" NOT NULL,
  change_id text COLLATE "C" NOT NULL,
  fingerprint text NOT NULL,
  scope_id text COLLATE "C" NOT NULL,
  body json NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (actor_id, change_id)
);

CREATE TABLE location (
  type text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  scope_id text COLLATE "C" NOT NULL,
  -- The id that this one stands for.
  alias_of text COLLATE "C",
  -- The id first: it tells two rows apart at the first comparison, which makes inserts three times as fast.
  PRIMARY KEY (id, type)
);

-- The same rows twice, each under the key that it is asked by; always written together.
CREATE TABLE member (
  scope_id text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  role text NOT NULL,
  granted_at timestamptz NOT NULL,
  revoked_at timestamptz,
  PRIMARY KEY (scope_id, user_id)
);
CREATE TABLE membership_by_user (
  user_id text COLLATE "C" NOT NULL,
  scope_id text COLLATE "C" NOT NULL,
  role text NOT NULL,
  granted_at timestamptz NOT NULL,
  revoked_at timestamptz,
  PRIMARY KEY (user_id, scope_id)
);

-- The two sums are unsigned 64-bit numbers, kept as the signed ones with the same bits.
CREATE TABLE digest (
  scope_id text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  count bigint NOT NULL,
  high bigint NOT NULL,
  low bigint NOT NULL,
  PRIMARY KEY (scope_id, type)
) WITH (fillfactor = 50);

-- `body` is the whole conflict; the columns before it are what it is found by.
CREATE TABLE sync_conflict (
  scope_id text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  entity_id text COLLATE "C" NOT NULL,
  actor_id text COLLATE "C" NOT NULL,
  device_id text COLLATE "C",
  status text NOT NULL,
  winner text,
  created_at timestamptz NOT NULL,
  body json NOT NULL,
  PRIMARY KEY (scope_id, id)
);
CREATE INDEX sync_conflict_actor ON sync_conflict (scope_id, actor_id, created_at DESC);
CREATE INDEX sync_conflict_open ON sync_conflict (scope_id, type, entity_id) WHERE status = 'pending';

CREATE TABLE waiting_change (
  actor_id text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  parent_type text COLLATE "C" NOT NULL,
  parent_id text COLLATE "C" NOT NULL,
  target_type text COLLATE "C" NOT NULL,
  target_id text COLLATE "C" NOT NULL,
  conflict_id text COLLATE "C" NOT NULL,
  payload json NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (actor_id, id)
);
CREATE INDEX waiting_change_id ON waiting_change (id);
CREATE INDEX waiting_change_parent ON waiting_change (parent_type, parent_id);
CREATE INDEX waiting_change_target ON waiting_change (actor_id, target_type, target_id);

CREATE TABLE bookmark (
  user_id text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  state json NOT NULL,
  -- Counts the user's saves: what lies too far behind the newest is too much, and nobody has to count rows for that.
  number bigint NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, key)
);
CREATE INDEX bookmark_number ON bookmark (user_id, number);

CREATE TABLE app_user (
  id uuid PRIMARY KEY,
  email text NOT NULL,
  username text NOT NULL,
  password_hash text,
  first_name text,
  last_name text,
  profile_image_url text,
  is_active boolean NOT NULL DEFAULT true,
  is_email_verified boolean NOT NULL DEFAULT false,
  last_login_at timestamptz,
  roles text[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  external_issuer text,
  external_subject text
);
CREATE UNIQUE INDEX app_user_email ON app_user (lower(email));
CREATE UNIQUE INDEX app_user_username ON app_user (lower(username));
CREATE UNIQUE INDEX app_user_external ON app_user (external_issuer, external_subject)
  WHERE external_subject IS NOT NULL;

-- Row-level security: what a transaction may see and write of user data is what it has named beforehand, a JSON object
-- with a member per scope in the setting `ackord.scopes`. An object, because looking up a member takes the same time
-- whether there are ten scopes or ten thousand; and the sub-select is evaluated once per statement, not per row.
ALTER TABLE record ENABLE ROW LEVEL SECURITY;
ALTER TABLE sync_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE sync_conflict ENABLE ROW LEVEL SECURITY;
ALTER TABLE digest ENABLE ROW LEVEL SECURITY;
CREATE POLICY named_scopes ON record
  USING ((SELECT nullif(current_setting('ackord.scopes', true), '')::jsonb) ? scope_id);
CREATE POLICY named_scopes ON sync_log
  USING ((SELECT nullif(current_setting('ackord.scopes', true), '')::jsonb) ? scope_id);
CREATE POLICY named_scopes ON sync_conflict
  USING ((SELECT nullif(current_setting('ackord.scopes', true), '')::jsonb) ? scope_id);
CREATE POLICY named_scopes ON digest
  USING ((SELECT nullif(current_setting('ackord.scopes', true), '')::jsonb) ? scope_id);
