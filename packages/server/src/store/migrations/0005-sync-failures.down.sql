DROP TABLE sync_failure;
