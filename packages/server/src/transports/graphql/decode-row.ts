/**
 * Rung 1 for a row of bulkSync: from what arrived, whatever it is, to a RawChange. What can't be read spoils this row
 * alone; values that have the wrong shape for their field are left to rung 3, which names the field.
 */
import type { RawChange } from '../../engine/submission.ts';
import { isObject, readFieldsText, readInput } from './wire-json.ts';
import type { WireType } from './wire-type.ts';

/** A row on its way: where it stood, and what its sender calls it. */
export interface DecodedRow {
  readonly change: RawChange;
  /** Position in its own list. */
  readonly index: number;
  readonly clientId: string | null;
}

type Malformed = NonNullable<RawChange['malformed']>;

/** What every row has, and where it goes; the rest are inputs of the type. */
const PLACES = {
  id: 'id',
  syncVersion: 'base',
  clientTimestamp: 'clientTime',
  operation: 'operation',
  changeId: 'changeId',
  transactionId: 'transactionId',
  syncPriority: 'priority',
} as const;
const IDS: ReadonlySet<string> = new Set(['id', 'changeId', 'transactionId']);
const REQUIRED = ['operation', 'syncVersion', 'clientTimestamp'] as const;

export function decodeRow(type: WireType, row: unknown, index: number): DecodedRow {
  const { name: entityType, plural } = type.entity;
  if (!isObject(row)) {
    const malformed = { field: plural, message: 'must be a list of objects' };
    return {
      change: { entityType, id: null, operation: null, fields: {}, malformed },
      index,
      clientId: null,
    };
  }
  const places: Record<string, unknown> = {};
  const fields: Record<string, unknown> = {};
  let malformed: Malformed | null = null;
  for (const name in row) {
    const value = row[name];
    if (value === undefined || name === 'clientId') continue;
    if (Object.hasOwn(PLACES, name)) {
      places[PLACES[name as keyof typeof PLACES]] = IDS.has(name) ? idText(value) : value;
      continue;
    }
    malformed ??=
      name === 'baseFields' ? readBase(type, value, places) : readField(type, row, name, value, fields);
  }
  malformed ??= missing(row);
  const change = {
    entityType,
    id: places.id ?? null,
    operation: places.operation ?? null,
    ...places,
    fields,
    ...(malformed && { malformed }),
  };
  return { change, index, clientId: clientIdOf(row) };
}

function readField(
  type: WireType,
  row: Record<string, unknown>,
  name: string,
  value: unknown,
  fields: Record<string, unknown>,
): Malformed | null {
  const input = type.inputByName.get(name);
  if (!input) {
    // Rung 3 says of the fields that only the server sets that they are; anything else is a slip of the pen.
    if (type.entity.fields.get(name)?.serverOwned) fields[name] = value;
    else return { field: name, message: `is not a field of ${type.entity.name}` };
    return null;
  }
  const read = readInput(input, value);
  if (!read.ok) return read;
  // A group stands back behind its single fields in an update, and before them in a creation, as it always has.
  const groupFirst = input.kind === 'group' && row.operation === 'CREATE';
  const singleFirst = input.kind === 'field' && row.operation !== 'CREATE';
  for (const [field, part] of Object.entries(read.fields)) {
    if (groupFirst || singleFirst || !(field in fields)) fields[field] = part;
  }
  return null;
}

function readBase(type: WireType, value: unknown, places: Record<string, unknown>): Malformed | null {
  if (value === null) return null;
  const read = readFieldsText(type.inputByName, 'baseFields', value);
  if (!read.ok) return read;
  places.baseFields = read.fields;
  return null;
}

function missing(row: Record<string, unknown>): Malformed | null {
  const name = REQUIRED.find((field) => row[field] === undefined || row[field] === null);
  return name ? { field: name, message: 'must be given' } : null;
}

/** GraphQL takes whole numbers for ids too. */
const idText = (value: unknown): unknown => (Number.isInteger(value) ? String(value) : value);

function clientIdOf({ clientId }: Record<string, unknown>): string | null {
  const text = idText(clientId);
  return typeof text === 'string' ? text : null;
}
