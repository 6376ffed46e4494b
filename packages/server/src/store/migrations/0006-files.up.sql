-- What is known of stored files. The bytes lie under `key` in the file store; a row without bytes is an upload that is
-- still to come. `name` is what clients call the file, for a server-made name it is the key itself. A file is bound to
-- one field of one record, or to nothing yet: then it is its uploader's alone.
CREATE TABLE file (
  key text COLLATE "C" PRIMARY KEY,
  name text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  -- Where the record lay when the file was bound to it: for counting what a scope stores. Rights never rest on it.
  scope_id text COLLATE "C",
  type text COLLATE "C",
  entity_id text COLLATE "C",
  field text COLLATE "C",
  content_type text NOT NULL,
  size_max bigint NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'complete', 'removing')),
  size bigint,
  sha256 text,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  completed_at timestamptz,
  -- When the sweep first saw that nobody uses it.
  orphaned_at timestamptz,
  -- When the sweep looks at it next.
  check_at timestamptz NOT NULL,
  CHECK ((type IS NULL) = (entity_id IS NULL) AND (type IS NULL) = (field IS NULL)),
  CHECK (state <> 'complete' OR (size IS NOT NULL AND sha256 IS NOT NULL AND completed_at IS NOT NULL))
);
-- One file stands behind a name of a record, and one upload of a user to it is under way.
CREATE UNIQUE INDEX file_complete ON file (entity_id, type, field, name)
  WHERE state = 'complete' AND entity_id IS NOT NULL;
CREATE UNIQUE INDEX file_pending ON file (entity_id, type, field, name, user_id)
  WHERE state = 'pending' AND entity_id IS NOT NULL;
CREATE INDEX file_pending_of_user ON file (user_id) WHERE state = 'pending';
CREATE INDEX file_check ON file (check_at);
