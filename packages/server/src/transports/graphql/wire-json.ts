/**
 * Fields of a record as JSON texts carry them: under the names of the bulk input. Used for the sides of a conflict, for
 * `data` in receipts, and the other way round for bulk rows, `baseFields` and `resolvedData`.
 */
import {
  type Field,
  type Fields,
  formatInstant,
  isWellFormedText,
  LIMITS,
  PRIORITIES,
  type RecordState,
} from '@ackord/core';
import { tooMuchJson } from '../../http/json-scan.ts';
import type { Input, WireType } from './wire-type.ts';

type Unread = { readonly ok: false; readonly field: string; readonly message: string };
export type ReadFields = { readonly ok: true; readonly fields: Record<string, unknown> } | Unread;

const unread = (field: string, message: string): Unread => ({ ok: false, field, message });

/** Stored fields under their wire names. */
export function wireFields(type: WireType, fields: Fields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [type.wireNames.get(name) ?? name, value]),
  );
}

/** The text of a side of a conflict; the JSON text null where that side has no record. */
export const sideText = (type: WireType, fields: Fields | null): string =>
  JSON.stringify(fields && wireFields(type, fields));

/** The text of a whole record, with what a client needs to take it as its new base. */
export function recordText(type: WireType, record: RecordState): string {
  if (record.tombstone) return 'null';
  return JSON.stringify({
    id: record.id,
    syncVersion: record.version,
    syncPriority: PRIORITIES[record.priority],
    createdAt: formatInstant(record.createdAt),
    updatedAt: formatInstant(record.updatedAt),
    ...wireFields(type, record.fields),
  });
}

/** A value for an input, as it came; several stored fields where the input stands for a group. */
export function readInput(input: Input, value: unknown): ReadFields {
  if (input.kind === 'field')
    return { ok: true, fields: { [input.field.name]: readValue(input.field, value) } };
  if (value === null) return { ok: true, fields: emptied(input.members) };
  if (!isObject(value)) return unread(input.name, 'must be an object');
  const fields: Record<string, unknown> = {};
  const missing = input.members.find(({ name, required }) => required && (value[name] ?? null) === null);
  if (missing) return unread(`${input.name}.${missing.name}`, 'must be given');
  const byName = new Map(input.members.map((member) => [member.name, member.field]));
  for (const [name, part] of Object.entries(value)) {
    const field = byName.get(name);
    if (!field) return unread(`${input.name}.${name}`, 'is not known');
    if (part !== undefined) fields[field.name] = part;
  }
  return { ok: true, fields };
}

/** What GraphQL itself would make of a value: a number for an ID, one id for a list of ids. */
export function readValue({ kind }: Field, value: unknown): unknown {
  if (kind === 'ids' && typeof value === 'string') return [value];
  return kind === 'id' && typeof value === 'number' ? String(value) : value;
}

/** A group that is cleared: each field is null, or has its default where it can't be. */
const emptied = (members: readonly { readonly field: Field }[]): Record<string, unknown> =>
  Object.fromEntries(members.map(({ field }) => [field.name, field.nullable ? null : field.defaultValue]));

/** A JSON text with an object of fields, under their stored names. `label` names the text in messages. */
export function readFieldsText(inputs: ReadonlyMap<string, Input>, label: string, text: unknown): ReadFields {
  const parsed = typeof text === 'string' ? parseObject(text) : null;
  if (!parsed) return unread(label, 'must be the text of a JSON object');
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(parsed)) {
    const input = inputs.get(name);
    if (!input) return unread(`${label}.${name}`, 'is not known');
    const read = readInput(input, value);
    if (!read.ok) return read;
    Object.assign(fields, read.fields);
  }
  return { ok: true, fields };
}

const TEXT_BOUNDS = {
  // An object of fields, and one more for the members of a group.
  depthMax: LIMITS.jsonDepthMax + 2,
  valuesMax: LIMITS.bodyValuesMax,
  membersMax: LIMITS.bodyMembersMax,
};

function parseObject(text: string): Record<string, unknown> | null {
  if (text.length > LIMITS.recordBytesMax || !isWellFormedText(text)) return null;
  if (tooMuchJson(Buffer.from(text), TEXT_BOUNDS) !== null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
