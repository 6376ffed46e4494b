-- The last change of a device that was refused, per record: what the device is told until the record moves on.
CREATE TABLE sync_failure (
  actor_id text COLLATE "C" NOT NULL,
  device_id text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  code text NOT NULL,
  message text NOT NULL,
  field text,
  -- Of the record when the change was refused.
  version integer NOT NULL,
  PRIMARY KEY (actor_id, device_id, id, type)
);
CREATE INDEX sync_failure_newest ON sync_failure (actor_id, at);
CREATE INDEX sync_failure_age ON sync_failure (at);
