-- What it holds is in the tombstones, and comes back with the column.
ALTER TABLE record DROP COLUMN deletion_id;
