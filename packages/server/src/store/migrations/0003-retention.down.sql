DROP INDEX record_graves;
DROP INDEX sync_log_age;
DROP INDEX receipt_age;
DROP INDEX bookmark_old;
DROP INDEX waiting_change_age;
