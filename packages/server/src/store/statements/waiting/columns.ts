export const WAITING_COLUMNS = `
    waiting.actor_id, waiting.id, waiting.parent_type, waiting.parent_id, waiting.target_type, waiting.target_id,
    waiting.conflict_id, waiting.payload, waiting.created_at`;
