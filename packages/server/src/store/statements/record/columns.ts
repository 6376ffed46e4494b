/** What a `RecordState` is made of; see record-row.ts. `r` is the record table in every statement. */
export const RECORD_COLUMNS = `
    r.scope_id, r.type, r.id, r.version, r.seq, r.created_at, r.updated_at, r.deleted_at, r.created_by, r.updated_by,
    r.sync_priority, r.field_clock, r.doc, r.owner_id, r.tombstone, r.former_scopes`;
