/** A change in the terms of the stored records: the ids that its record, and what it refers to, live under today. */
import type { RecordState } from '@ackord/core';
import { isHidden } from './hidden-ids.ts';
import type { ChangeTask } from './unit.ts';
import type { WorkingCopy } from './working-copy.ts';

/**
 * An edit of an alias is an edit of the record that it stands for, made without having seen that one: base 0. A
 * deletion ends the alias only.
 */
export function underCanonicalId(copy: WorkingCopy, task: ChangeTask): ChangeTask {
  if (!copy.hasAliases) return task;
  const { change } = task;
  const type = copy.registry.type(change.type);
  let fields = change.fields;
  for (const field of type.fields.values()) {
    const value = fields[field.name];
    if (!field.reference || value === undefined || value === null) continue;
    const to = field.reference.type;
    const ids = Array.isArray(value)
      ? [...new Set(value.map((id) => copy.canonical(to, String(id))))]
      : copy.canonical(to, String(value));
    if (JSON.stringify(ids) !== JSON.stringify(value)) fields = { ...fields, [field.name]: ids };
  }
  const id = change.operation === 'DELETE' ? change.id : copy.canonical(change.type, change.id);
  if (id === change.id && fields === change.fields) return task;
  const base = id === change.id || change.base === null ? change.base : 0;
  return { ...task, change: { ...change, id, base, fields } };
}

/** Ids in the record's lists that the writer can't see stay: a list that merely lacks them takes nothing out. */
export function withHiddenIds(copy: WorkingCopy, task: ChangeTask, record: RecordState): ChangeTask {
  const { change, call } = task;
  let fields = change.fields;
  for (const field of copy.registry.type(change.type).fields.values()) {
    const sent = fields[field.name];
    const stored = record.fields[field.name];
    if (!field.reference?.many || !Array.isArray(sent) || !Array.isArray(stored)) continue;
    const to = field.reference.type;
    const kept = stored.filter(
      (id) => !sent.includes(id) && isHidden(copy, call.actor, record.scope, { type: to, id: String(id) }),
    );
    if (kept.length > 0) fields = { ...fields, [field.name]: insertAsStored(sent, stored, kept) };
  }
  return fields === change.fields ? task : { ...task, change: { ...change, fields } };
}

/** Each id that is kept goes behind what stood before it, so that nothing seems to have been put in another order. */
function insertAsStored<T>(sent: readonly T[], stored: readonly T[], kept: readonly T[]): T[] {
  const list = [...sent];
  stored.forEach((id, at) => {
    if (!kept.includes(id)) return;
    const before = stored.slice(0, at).findLast((other) => list.includes(other));
    list.splice(before === undefined ? 0 : list.indexOf(before) + 1, 0, id);
  });
  return list;
}
