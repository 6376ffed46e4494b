/**
 * Rung 3: are these fields of the type, with values that their schemas allow, and none that the server owns?
 * Gives the fields back in their stored form (moments in UTC, ids in lower case). A field left out stays left out.
 */
import { z } from 'zod';
import { LIMITS } from '../protocol/limits.ts';
import { isWellFormedText } from './canonical-json.ts';
import type { EntityType } from './define-entity.ts';
import type { Fields, JsonValue } from './json.ts';

export type ValidFields =
  | { readonly ok: true; readonly fields: Fields }
  | { readonly ok: false; readonly field: string | null; readonly message: string };

const partials = new WeakMap<EntityType, z.ZodType<Record<string, JsonValue>>>();

/** Validates what a client sent for some fields of a record. */
export function validateFields(type: EntityType, sent: { readonly [field: string]: unknown }): ValidFields {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(sent)) {
    if (value === undefined) continue;
    const field = type.fields.get(name);
    if (!field) return bad(name, `${type.name} has no such field`);
    if (field.serverOwned) return bad(name, 'is set by the server only');
    const ill = illFormed(value, 0);
    if (ill) return bad(name, ill);
    fields[name] = value;
  }
  const result = partialOf(type).safeParse(fields);
  if (result.success) return { ok: true, fields: result.data };
  const issue = result.error.issues[0];
  return bad(issue ? String(issue.path[0] ?? '') : '', issue?.message ?? 'is not allowed');
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
    const ill = illFormed(key, depth + 1) ?? illFormed(item, depth + 1);
    if (ill) return ill;
  }
  return null;
}
