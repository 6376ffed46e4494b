/**
 * Checksums of single records. Two forms: the one on the wire, byte for byte that of the original server, and one for
 * checkpoints, which leaves the server's own times out, since restored records get fresh ones.
 */
import { createHash } from 'node:crypto';
import type { Field, Fields, JsonValue } from '@ackord/core';
import { entityTypeOf, wireNameOf } from '../wire/entity-types.ts';
import { TYPE_NAMES, type TypeName } from '../wire/type-names.ts';
import { CHECKSUM_FIELDS, type DecimalForm, decimalFormOf } from './field-lists.ts';
import { pythonFloat, pythonJson, pythonText } from './python-json.ts';

interface Part {
  /** Stored name; null: the id. */
  readonly field: string | null;
  /** `"sortOrder": `, with the separator before it. */
  readonly prefix: string;
  readonly write: (value: JsonValue) => string;
}

const wireForm = new Map(
  TYPE_NAMES.map((name) => [name, partsOf(CHECKSUM_FIELDS.get(name)!, (field) => writerOf(name, field))]),
);

/** As it is stored, so that values which the wire form takes for the same differ here. */
const restoreForm = new Map(
  TYPE_NAMES.map((name) => [name, partsOf(restoredFields(name), () => pythonJson)]),
);

/** The MD5 of a record on the wire, 32 hex digits; `id` is the bare one. */
export function entityChecksum(typeName: TypeName, id: string, fields: Fields): string {
  return md5(checksumText(wireForm.get(typeName)!, id, fields));
}

/**
 * The MD5 of everything that a restored record must have again: all fields of its type, also those that the checksum on
 * the wire has no word for, but not its time of editing.
 */
export function restoreChecksum(typeName: TypeName, id: string, fields: Fields): string {
  return md5(checksumText(restoreForm.get(typeName)!, id, fields));
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

function restoredFields(name: TypeName): Field[] {
  return [...entityTypeOf(name).fields.values()].filter((field) => !field.serverOwned);
}

function partsOf(fields: readonly Field[], writer: (field: Field) => Part['write']): Part[] {
  const id = { key: 'id', field: null, write: pythonJson };
  const others = fields.map((field) => ({
    key: wireNameOf(field.name),
    field: field.name,
    write: writer(field),
  }));
  return [id, ...others]
    .sort((a, b) => (a.key < b.key ? -1 : 1)) // keys are ASCII
    .map(({ key, field, write }, index) => ({
      field,
      prefix: `${index === 0 ? '{' : ', '}${pythonText(key)}: `,
      write,
    }));
}

function writerOf(type: TypeName, field: Field): Part['write'] {
  switch (field.kind) {
    case 'decimal':
      return decimalWriter(decimalFormOf(type, field));
    case 'instant':
      return pythonMoment;
    default:
      return pythonJson;
  }
}

function decimalWriter(form: DecimalForm): Part['write'] {
  switch (form) {
    case 'float':
      return (value) => pythonFloat(Number(value ?? 0));
    case 'float-or-null':
      return (value) => (Number(value ?? 0) === 0 ? 'null' : pythonFloat(Number(value)));
    case 'nullable-float':
      return (value) => (value === null ? 'null' : pythonFloat(Number(value)));
    case 'whole':
      return (value) => (value === null ? 'null' : pythonJson(Number(value)));
  }
}

/** UTC without a zone, a fraction of six digits only where there is one, as `datetime.isoformat()` writes it. */
function pythonMoment(value: JsonValue): string {
  if (typeof value !== 'string') return 'null';
  const [seconds = '', fraction = ''] = value.replace('Z', '').split('.');
  return Number(fraction) === 0 ? `"${seconds}"` : `"${seconds}.${fraction.padEnd(6, '0')}"`;
}

function checksumText(parts: readonly Part[], id: string, fields: Fields): string {
  let text = '';
  for (const { field, prefix, write } of parts)
    text += prefix + write(field === null ? id : (fields[field] ?? null));
  return `${text}}`;
}
