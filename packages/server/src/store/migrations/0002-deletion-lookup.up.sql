-- Finds all that one deletion took along, so that a revival can bring it back. A column rather than an index over the
-- expression: row-level security lets no operator look at a row before it has been checked, but equality of texts.
ALTER TABLE record ADD COLUMN deletion_id text COLLATE "C" GENERATED ALWAYS AS (tombstone ->> 'deletion') STORED;
CREATE INDEX record_deletion ON record (scope_id, deletion_id) WHERE deletion_id IS NOT NULL;
