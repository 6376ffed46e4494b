-- Takes everything away, data included: there is nothing below the first migration.
DROP TABLE app_user, bookmark, waiting_change, sync_conflict, digest, membership_by_user, member, location, receipt,
  sync_log, record, scope, setting CASCADE;
