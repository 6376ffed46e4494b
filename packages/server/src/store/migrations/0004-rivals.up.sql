-- Whose value the client's side met, so that whoever lost by a later edit of somebody else finds the conflict too.
ALTER TABLE sync_conflict ADD COLUMN rival_id text COLLATE "C";
CREATE INDEX sync_conflict_rival ON sync_conflict (scope_id, rival_id, created_at DESC);
