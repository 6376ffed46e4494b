/** What of a file is read; `f` is the table's alias. */
export const FILE_COLUMNS = `f.key, f.name, f.user_id, f.type, f.entity_id, f.field, f.content_type, f.size_max, f.state,
    f.size, f.sha256`;
