-- What was taken over from another server: which row became which record, and what its fields were then, as hashes. So
-- a later run can tell what has changed there from what has changed here.
CREATE TABLE moved_row (
  source text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  -- The row there; a record that was made twice, for two users, has an id of its own.
  origin_id text COLLATE "C" NOT NULL,
  actor_id text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  fields jsonb NOT NULL,
  is_gone boolean NOT NULL,
  moved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (source, type, id)
);
