/**
 * Rung 3: are these fields of the type, with values that their schemas allow, and none that the server owns?
 * Gives the fields back in their stored form (moments in UTC, ids in lower case). A field left out stays left out.
 */
import { z } from 'zod';
import { LIMITS } from '../protocol/limits.ts';
import { isWellFormedText } from './canonical-json.ts';
import type { EntityType, Field } from './define-entity.ts';
import { issueText, NO_NUMBER, NO_WHOLE_NUMBER } from './issue-text.ts';
import type { Fields, JsonValue } from './json.ts';

export type ValidFields =
  | { readonly ok: true; readonly fields: Fields }
  | { readonly ok: false; readonly field: string | null; readonly message: string };

const partials = new WeakMap<EntityType, z.ZodType<Record<string, JsonValue>>>();

/** Validates what was sent for some fields of a record; `byServer`: also those that the server owns. */
export function validateFields(
  type: EntityType,
  sent: { readonly [field: string]: unknown },
  byServer = false,
): ValidFields {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(sent)) {
    if (value === undefined) continue;
    const field = type.fields.get(name);
    if (!field) return bad(name, `is not a field of ${type.name}`);
    if (field.serverOwned && !byServer) return bad(name, 'is set by the server only');
    const ill = illFormed(value, 0);
    if (ill) return bad(name, ill);
    fields[name] = value;
  }
  const result = partialOf(type).safeParse(fields, IN_OUR_WORDS);
  if (result.success) return { ok: true, fields: result.data };
  const [issue] = result.error.issues;
  const [name = '', ...inside] = issue?.path ?? [];
  return bad(String(name), ruleAt(type.fields.get(String(name)), inside, issue?.message ?? 'is not allowed'));
}

const IN_OUR_WORDS = { error: issueText };

/** Inside of a value the rule is one of its part. */
function ruleAt(field: Field | undefined, inside: readonly PropertyKey[], rule: string): string {
  // Only the field knows that not every number will do.
  if (inside.length === 0) return field?.kind === 'integer' && rule === NO_NUMBER ? NO_WHOLE_NUMBER : rule;
  if (field?.kind === 'ids') return 'must be a list of UUIDs';
  return `has a value at ${inside.map(String).join('.')} that ${rule}`;
}

/** The first field that a new record of the type needs and that is not there, or null. */
export function missingField(type: EntityType, fields: Fields): string | null {
  for (const field of type.fields.values()) {
    if (!field.nullable && !field.hasDefault && fields[field.name] === undefined) return field.name;
  }
  return null;
}

/** A whole record from the fields of a CREATE: what was left out becomes its default, or null. */
export function completeFields(type: EntityType, fields: Fields): Fields {
  const complete: Record<string, JsonValue> = {};
  for (const field of type.fields.values()) {
    complete[field.name] =
      fields[field.name] ??
      (field.hasDefault && fields[field.name] === undefined ? (field.defaultValue as JsonValue) : null);
  }
  return complete;
}

/** The message of the first rule of the type that the record breaks, with the rule's fields. */
export function brokenRule(
  type: EntityType,
  fields: Fields,
): { message: string; fields: readonly string[] } | null {
  return type.rules?.find((rule) => !rule.holds(fields)) ?? null;
}

const bad = (field: string | null, message: string): ValidFields => ({ ok: false, field, message });

function partialOf(type: EntityType): z.ZodType<Record<string, JsonValue>> {
  let partial = partials.get(type);
  if (!partial) {
    const shape = [...type.fields.values()].map((field) => [field.name, field.schema.optional()] as const);
    partial = z.strictObject(Object.fromEntries(shape)) as unknown as z.ZodType<Record<string, JsonValue>>;
    partials.set(type, partial);
  }
  return partial;
}

/** Texts that PostgreSQL or another device could not keep, numbers that JSON has no word for, and endless nesting. */
function illFormed(value: unknown, depth: number): string | null {
  if (typeof value === 'string') {
    return isWellFormedText(value) ? null : 'must not contain NUL characters or lone surrogates';
  }
  if (typeof value === 'number') return Number.isFinite(value) ? null : 'must be a finite number';
  if (typeof value !== 'object' || value === null) return null;
  if (depth >= LIMITS.jsonDepthMax) return 'is nested too deeply';
  for (const [key, item] of Object.entries(value)) {
    // Copied from object to object it would set what all of the others inherit.
    if (key === '__proto__') return 'must not have a member called __proto__';
    const ill = illFormed(key, depth + 1) ?? illFormed(item, depth + 1);
    if (ill) return ill;
  }
  return null;
}
