DROP INDEX record_deletion;
