-- Finds all that one deletion took along, so that a revival can bring it back.
CREATE INDEX record_deletion ON record (scope_id, (tombstone ->> 'deletion'))
  WHERE (tombstone ->> 'deletion') IS NOT NULL;
