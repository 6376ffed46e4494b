DROP VIEW sync_checkpoints;
DROP VIEW sync_conflicts;
DROP VIEW sync_logs;
DROP INDEX sync_conflict_newest;
DROP TABLE sync_act;
DROP TABLE checkpoint;
DROP TABLE sync_metrics;
DROP TABLE sync_refusal;
