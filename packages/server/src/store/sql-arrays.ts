/**
 * Columns of many rows as PostgreSQL's binary arrays, one parameter per column, for `unnest($1::text[], …)`.
 *
 * Why so: of the ways to hand over 1,000 rows, this one was the fastest on both ends. Arrays as text need every
 * quote of every JSON document escaped and undone; `json_to_recordset` parses documents twice and went a quarter
 * slower; binary arrays are lengths and bytes. (Figures: see statements/record/upsert-records.ts.)
 */
import { Buffer } from 'node:buffer';

const OID = {
  boolean: 16,
  bytes: 17,
  bigint: 20,
  integer: 23,
  text: 25,
  json: 114,
  timestamptz: 1184,
} as const;
/** Dimensions, has-nulls flag, element type, length, lower bound: 4 bytes each. */
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const NULL_LENGTH = -1;
/** A UTF-16 unit takes at most 3 bytes in UTF-8. */
const UTF8_BYTES_PER_UNIT_MAX = 3;
const TWO_POW_32 = 0x1_0000_0000;
/** PostgreSQL counts microseconds since 2000-01-01. */
const EPOCH_2000_MS = 946_684_800_000;

/** Texts are written here first, since their length is known only afterwards. Kept, because it would be made anew for every column. */
let scratch = Buffer.allocUnsafe(256 * 1024);
const SCRATCH_BYTES_KEPT = 4 * 1024 * 1024;

export function textArray(values: readonly (string | null)[]): Buffer {
  for (const value of values) if (value !== null && !value.isWellFormed()) throw new IllFormedText();
  return variable(values, OID.text);
}

/** Anything that JSON can say; null and undefined become SQL's NULL, not JSON's null. */
export const jsonArray = (values: readonly unknown[]): Buffer => variable(values.map(jsonText), OID.json);

/** JSON that is written already. */
export const jsonTextArray = (texts: readonly string[]): Buffer => variable(texts.map(wellFormed), OID.json);

/** Text that no column takes. (NUL in plain text is PostgreSQL's to refuse; in JSON it would pass as an escape.) */
export class IllFormedText extends RangeError {
  constructor() {
    super('A text holds a lone surrogate, or JSON holds NUL.');
  }
}

/** An escape, not a backslash that was escaped itself, of NUL or of half a surrogate pair: JSON.stringify makes no other \\ud. */
const FORBIDDEN_ESCAPE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

function jsonText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return wellFormed(JSON.stringify(value));
}

function wellFormed(text: string): string {
  // Two plain searches first: the regular expression would cost more than all the rest.
  if ((text.includes('\\u0000') || text.includes('\\ud')) && FORBIDDEN_ESCAPE.test(text))
    throw new IllFormedText();
  return text;
}

export const bytesArray = (values: readonly Uint8Array[]): Buffer => {
  const size = values.reduce((sum, value) => sum + LENGTH_BYTES + value.length, HEADER_BYTES);
  const target = Buffer.allocUnsafe(size);
  let at = header(target, OID.bytes, values.length);
  for (const value of values) {
    target.writeInt32BE(value.length, at);
    target.set(value, at + LENGTH_BYTES);
    at += LENGTH_BYTES + value.length;
  }
  return target;
};

export function integerArray(values: readonly number[]): Buffer {
  const target = Buffer.allocUnsafe(HEADER_BYTES + values.length * (LENGTH_BYTES + 4));
  let at = header(target, OID.integer, values.length);
  for (const value of values) {
    if (!Number.isInteger(value)) throw new RangeError(`${value} is no whole number.`);
    target.writeInt32BE(4, at);
    target.writeInt32BE(value, at + LENGTH_BYTES);
    at += LENGTH_BYTES + 4;
  }
  return target;
}

export function booleanArray(values: readonly boolean[]): Buffer {
  const target = Buffer.allocUnsafe(HEADER_BYTES + values.length * (LENGTH_BYTES + 1));
  let at = header(target, OID.boolean, values.length);
  for (const value of values) {
    target.writeInt32BE(1, at);
    target.writeUInt8(value ? 1 : 0, at + LENGTH_BYTES);
    at += LENGTH_BYTES + 1;
  }
  return target;
}

/** Safe integers as `bigint[]`. Anything else is refused here, as a column would refuse it. */
export const bigintArray = (values: readonly (number | null)[]): Buffer => wide(values, OID.bigint);

/** Milliseconds since 1970 as `timestamptz[]`. */
export const timeArray = (values: readonly (number | null)[]): Buffer =>
  wide(
    values.map((time) => (time === null ? null : (time - EPOCH_2000_MS) * 1_000)),
    OID.timestamptz,
  );

/** Digest halves: unsigned 64-bit, kept as the signed number with the same bits. */
export function unsignedArray(values: readonly bigint[]): Buffer {
  const target = Buffer.allocUnsafe(HEADER_BYTES + values.length * (LENGTH_BYTES + 8));
  let at = header(target, OID.bigint, values.length);
  for (const value of values) {
    target.writeInt32BE(8, at);
    target.writeBigUInt64BE(value, at + LENGTH_BYTES);
    at += LENGTH_BYTES + 8;
  }
  return target;
}

function wide(values: readonly (number | null)[], oid: number): Buffer {
  const target = Buffer.allocUnsafe(HEADER_BYTES + values.length * (LENGTH_BYTES + 8));
  let at = header(target, oid, values.length);
  for (const value of values) {
    if (value === null) {
      at = target.writeInt32BE(NULL_LENGTH, at);
      continue;
    }
    if (!Number.isSafeInteger(value))
      throw new RangeError(`${value} does not fit a column of whole numbers.`);
    target.writeInt32BE(8, at);
    // Two halves, since a BigInt per number would cost more than the whole row.
    target.writeInt32BE(Math.floor(value / TWO_POW_32), at + 4);
    target.writeUInt32BE(value >>> 0, at + 8);
    at += LENGTH_BYTES + 8;
  }
  return target.subarray(0, at);
}

function variable(values: readonly (string | null)[], oid: number): Buffer {
  const size = values.reduce(
    (sum, value) => sum + LENGTH_BYTES + (value === null ? 0 : value.length * UTF8_BYTES_PER_UNIT_MAX),
    HEADER_BYTES,
  );
  const target = scratchOf(size);
  let at = header(target, oid, values.length);
  for (const value of values) {
    if (value === null) {
      at = target.writeInt32BE(NULL_LENGTH, at);
      continue;
    }
    const written = target.write(value, at + LENGTH_BYTES);
    target.writeInt32BE(written, at);
    at += LENGTH_BYTES + written;
  }
  return Buffer.from(target.subarray(0, at));
}

function scratchOf(size: number): Buffer {
  if (scratch.length >= size) return scratch;
  const made = Buffer.allocUnsafe(size);
  if (size <= SCRATCH_BYTES_KEPT) scratch = made;
  return made;
}

function header(target: Buffer, oid: number, length: number): number {
  target.writeInt32BE(1, 0);
  target.writeInt32BE(1, 4);
  target.writeInt32BE(oid, 8);
  target.writeInt32BE(length, 12);
  return target.writeInt32BE(1, 16);
}
