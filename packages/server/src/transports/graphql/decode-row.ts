/**
 * Rung 1 for a row of bulkSync: from what arrived, whatever it is, to a RawChange. What can't be read spoils this row
 * alone; values that have the wrong shape for their field are left to rung 3, which names the field.
 */
import { LIMITS } from '@ackord/core';
import type { RawChange } from '../../engine/submission.ts';
import { isObject, readFieldsText, readInput, readValue } from './wire-json.ts';
import type { WireType } from './wire-type.ts';

/** A row on its way: where it stood, and what its sender calls it. */
export interface DecodedRow {
  readonly change: RawChange;
  /** Position in its own list. */
  readonly index: number;
  readonly clientId: string | null;
  /** Stored field → the name under which it came, where that was the member of a group: `location.latitude`. */
  readonly memberNames: ReadonlyMap<string, string> | null;
}

type Malformed = NonNullable<RawChange['malformed']>;

const NO_MOMENT: Malformed = {
  field: 'clientTimestamp',
  message: 'must be an ISO 8601 moment with a zone, in the years 0001 to 9999',
};

/** Says of a name that no input has it, although a stored field has: the name is not to be translated. */
export const IS_NO_INPUT = 'is not a field of this input';

type Writable<T> = { -readonly [key in keyof T]: T[key] };

// Once per row, ten thousand times a call: one pass, no closures, no spreading.
export function decodeRow(type: WireType, row: unknown, index: number): DecodedRow {
  const fields: Record<string, unknown> = {};
  const change: Writable<RawChange> = { entityType: type.entity.name, id: null, operation: null, fields };
  if (!isObject(row)) {
    change.malformed = { field: type.entity.plural, message: 'must be a list of objects' };
    return { change, index, clientId: null, memberNames: null };
  }
  let clientId: string | null = null;
  let malformed: Malformed | null = null;
  for (const name in row) {
    const value = row[name];
    if (value === undefined) continue;
    switch (name) {
      case 'id':
        change.id = idText(value);
        break;
      case 'operation':
        change.operation = value;
        break;
      case 'syncVersion':
        change.base = value;
        break;
      case 'clientTimestamp':
        change.clientTime = value;
        // To the engine a number is milliseconds; on this wire it could as well be seconds.
        if (typeof value === 'number') malformed ??= NO_MOMENT;
        break;
      case 'changeId':
        change.changeId = idText(value);
        break;
      case 'transactionId':
        change.transactionId = idText(value);
        break;
      case 'syncPriority':
        change.priority = value;
        break;
      case 'clientId':
        clientId = clientIdOf(value);
        if (value !== null && clientId === null) malformed ??= BAD_CLIENT_ID;
        break;
      case 'baseFields':
        malformed ??= readBase(type, value, change);
        break;
      default:
        malformed ??= readField(type, row.operation === 'CREATE', name, value, fields);
    }
  }
  malformed ??= missing(change);
  if (malformed) change.malformed = malformed;
  return { change, index, clientId, memberNames: memberNamesOf(type, row, fields) };
}

/** Puts the value of an input into the stored fields that it is about. `creating`: a group goes before its fields. */
export function readField(
  type: WireType,
  creating: boolean,
  name: string,
  value: unknown,
  fields: Record<string, unknown>,
): Malformed | null {
  const input = type.inputByName.get(name);
  if (!input) {
    const known = type.entity.fields.get(name);
    if (known && !known.serverOwned) return { field: name, message: otherName(type, name) };
    // Rung 3 says of the fields that only the server sets that they are; anything else is a slip of the pen.
    if (!known) return { field: name, message: `is not a field of ${type.entity.name}` };
    fields[name] = value;
    return null;
  }
  // Not kept: what names calls and changes goes through all that is.
  if (typeof value === 'string' && value.length > LIMITS.recordBytesMax)
    return { field: name, message: 'is larger than a whole record may be' };
  // A group stands back behind its single fields in an update, and before them in a creation, as it always has.
  if (input.kind === 'field') {
    const stored = input.field.name;
    if (!creating || fields[stored] === undefined) fields[stored] = readValue(input.field, value);
    return null;
  }
  const read = readInput(input, value);
  if (!read.ok) return read;
  for (const [stored, part] of Object.entries(read.fields)) {
    if (creating || fields[stored] === undefined) fields[stored] = part;
  }
  return null;
}

function readBase(type: WireType, value: unknown, change: Writable<RawChange>): Malformed | null {
  if (value === null) return null;
  const read = readFieldsText(type.inputByName, 'baseFields', value);
  if (!read.ok) return read;
  change.baseFields = read.fields;
  return null;
}

const otherName = (type: WireType, stored: string): string =>
  `${IS_NO_INPUT}; it is called ${type.wireNames.get(stored)} there`;

/** Rare, so it is looked at once the row is read. */
function memberNamesOf(
  type: WireType,
  row: Record<string, unknown>,
  fields: Record<string, unknown>,
): DecodedRow['memberNames'] {
  let names: Map<string, string> | null = null;
  for (const input of type.inputGroups) {
    const group = row[input.name];
    if (!isObject(group)) continue;
    for (const { name, field } of input.members) {
      if (group[name] === undefined || group[name] !== fields[field.name]) continue;
      names ??= new Map();
      names.set(field.name, `${input.name}.${name}`);
    }
  }
  return names;
}

const BAD_CLIENT_ID: Malformed = {
  field: 'clientId',
  message: `must be a text of at most ${LIMITS.changeIdLengthMax} characters`,
};

/** It is only echoed, so it may hold what could not be stored. null: it is none. */
function clientIdOf(value: unknown): string | null {
  const text = idText(value);
  return typeof text === 'string' && text.length <= LIMITS.changeIdLengthMax ? text : null;
}

/** What the schema promises to be there; rung 3 would take a change without them, and make something of it. */
function missing({ operation, base, clientTime }: RawChange): Malformed | null {
  if (operation === null) return { field: 'operation', message: 'must be given' };
  if (base === undefined || base === null) return { field: 'syncVersion', message: 'must be given' };
  if (clientTime === undefined || clientTime === null)
    return { field: 'clientTimestamp', message: 'must be given' };
  return null;
}

/** GraphQL takes whole numbers for ids too. */
const idText = (value: unknown): unknown => (Number.isInteger(value) ? String(value) : value);
