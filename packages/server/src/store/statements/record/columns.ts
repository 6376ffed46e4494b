/** The columns of the record table that are read, for sub-selects; `r` is the table in every statement. */
export const STORED_COLUMNS = `r.scope_id, r.type, r.id, r.version, r.seq, r.created_at, r.updated_at, r.deleted_at,
      r.created_by, r.updated_by, r.sync_priority, r.field_clock, r.doc, r.owner_id, r.tombstone, r.former_scopes`;

/**
 * A record on its way out; see record-row.ts. Numbers and JSON come as one JSON text, parsed once, instead of in
 * seven columns that are each decoded and converted: a third less time in this process, the same in PostgreSQL
 * (1,000 records: 2.6 ms against 4.0, and 2.7 against 2.4).
 */
export const RECORD_COLUMNS = `
    r.scope_id, r.type, r.id, r.created_by, r.updated_by, r.deleted_at, r.owner_id, r.tombstone, r.former_scopes,
    concat('[', r.version, ',', r.seq, ',', date_part('epoch', r.created_at), ',', date_part('epoch', r.updated_at),
      ',', r.sync_priority, ',', r.field_clock, ',', r.doc, ']') AS body`;

/** A record as it travels, made here as the text of a `WireRecord` (see RecordText), with what the feed looks at. */
export const TEXT_COLUMNS = `
    r.scope_id, r.type, r.id, r.seq, r.owner_id, r.tombstone,
    concat('{"scope":', to_json(r.scope_id),
      ',"type":"', substr(r.type, strpos(r.type, '.') + 1),
      '","id":', to_json(substr(r.id, strpos(r.id, '/') + 1)),
      ',"version":', r.version, ',"seq":', r.seq,
      ',"createdAt":', round(date_part('epoch', r.created_at) * 1000)::bigint,
      ',"updatedAt":', round(date_part('epoch', r.updated_at) * 1000)::bigint,
      ',"createdBy":', to_json(r.created_by), ',"updatedBy":', to_json(r.updated_by),
      ',"priority":', r.sync_priority,
      ',"fields":', CASE WHEN r.tombstone IS NULL THEN r.doc::text ELSE '{}' END,
      ',"gone":' || (r.tombstone -> 'kind')::text,
      ',"of":' || to_json(substr(r.tombstone ->> 'of', strpos(r.tombstone ->> 'of', '/') + 1))::text,
      '}') AS text`;
