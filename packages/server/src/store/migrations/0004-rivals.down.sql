ALTER TABLE sync_conflict DROP COLUMN rival_id;
