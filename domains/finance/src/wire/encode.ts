/**
 * An entity as the app reads it: JSON text with every optional field there, null where it is empty, decimals as plain
 * JSON numbers. Runs for every record of a first sync, so each type's keys are written out once, at start.
 */
import type { Field, FieldKind, Fields, JsonValue } from '@ackord/core';
import { entityTypeOf, wireNameOf } from './entity-types.ts';
import { TYPE_NAMES, type TypeName } from './type-names.ts';

interface Column {
  readonly field: string;
  /** `,"sortOrder":` */
  readonly prefix: string;
  readonly kind: FieldKind;
}

/** The types that the app handles without renaming their keys, at least in part. */
const ALSO_UPDATED_AT: ReadonlySet<TypeName> = new Set(['PlanningTransaction', 'Transaction']);

const layouts = new Map(TYPE_NAMES.map((name) => [name, layoutOf(name)]));

function layoutOf(name: TypeName): Column[] {
  const columns = [...entityTypeOf(name).fields.values()].map((field) =>
    columnOf(field, wireNameOf(field.name)),
  );
  const stamp = entityTypeOf(name).fields.get('editedAt');
  return stamp && ALSO_UPDATED_AT.has(name) ? [...columns, columnOf(stamp, 'updatedAt')] : columns;
}

function columnOf(field: Field, key: string): Column {
  return { field: field.name, prefix: `,${JSON.stringify(key)}:`, kind: field.kind };
}

/** The JSON text of an entity; `id` is the bare one. A field that `fields` lacks is null. */
export function encodeEntity(typeName: TypeName, id: string, fields: Fields): string {
  const columns = layouts.get(typeName)!;
  let text = `{"id":${quote(id)}`;
  for (let i = 0; i < columns.length; i++) {
    const { field, prefix, kind } = columns[i]!;
    const value = fields[field];
    text += prefix + (value === null || value === undefined ? 'null' : valueText(kind, value));
  }
  return `${text}}`;
}

function valueText(kind: FieldKind, value: NonNullable<JsonValue>): string {
  switch (kind) {
    case 'decimal': // its canonical text is a JSON number
    case 'integer':
    case 'flag':
      return String(value);
    case 'text':
    case 'choice':
    case 'instant':
    case 'id':
      return quote(value as string);
    case 'ids':
    case 'json':
    case 'number':
      return JSON.stringify(value);
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that JSON must escape
const NEEDS_CARE = /["\\\u0000-\u001f]/;

/** Stored text has no lone surrogates. */
const quote = (text: string): string => (NEEDS_CARE.test(text) ? JSON.stringify(text) : `"${text}"`);
