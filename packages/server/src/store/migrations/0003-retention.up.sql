-- Finds what is older than history is kept. BRIN: rows come in order of time, so an index of a few pages will do.
CREATE INDEX record_graves ON record (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX sync_log_age ON sync_log USING brin (at);
CREATE INDEX receipt_age ON receipt USING brin (created_at);
CREATE INDEX bookmark_old ON bookmark (created_at);
CREATE INDEX waiting_change_age ON waiting_change (created_at);
