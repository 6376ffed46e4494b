/** Trims the memory store as the database does: old graves lose their content, old lines, waits and failures go. */
import type { MemoryState } from './memory-state.ts';

/** True when there may be more. Receipts and bookmarks have no age here: the oracle keeps them. */
export function trimState(state: MemoryState, before: number, rowsMax: number): boolean {
  let left = rowsMax;
  for (const records of state.records.values()) {
    for (const [key, row] of records) {
      const { record } = row;
      if (
        record.deletedAt === null ||
        record.deletedAt >= before ||
        Object.keys(record.fields).length === 0 ||
        left <= 0
      )
        continue;
      records.set(key, { ...row, record: { ...record, fields: {} } });
      left--;
    }
  }
  for (const [id, lines] of state.log) {
    const scope = state.scopes.get(id);
    for (const [seq, line] of lines) {
      if (line.at >= before || !scope || left <= 0) continue;
      lines.delete(seq);
      state.scopes.set(id, { ...scope, horizon: Math.max(state.scopes.get(id)?.horizon ?? 0, seq) });
      left--;
    }
  }
  for (const [id, change] of state.waiting) if (change.createdAt < before) state.waiting.delete(id);
  for (const own of state.failures.values())
    for (const [key, { failure }] of own) if (failure.at < before) own.delete(key);
  return left <= 0;
}
