/**
 * One value of a SQLite column as the wire has it, and back. SQLite keeps in a column whatever is put there, so a
 * value that does not fit its column is an answer, not a surprise.
 */
import type { ColumnKind } from './tables.ts';

/** As sql.js gives and takes them. */
export type SqlValue = number | string | Uint8Array | null;

export type ReadValue =
  | { readonly ok: true; readonly value: unknown }
  /** Completes the sentence "<column> …". */
  | { readonly ok: false; readonly reason: string };

const good = (value: unknown): ReadValue => ({ ok: true, value });
const bad = (reason: string): ReadValue => ({ ok: false, reason });

/** `tooLarge`: what the query puts in place of values that are larger than allowed. */
export const TOO_LARGE = Number.POSITIVE_INFINITY;

export function readValue(kind: ColumnKind, value: SqlValue): ReadValue {
  if (value === null) return good(null);
  if (value === TOO_LARGE) return bad('is too large');
  if (typeof value === 'object') return bad('holds bytes');
  switch (kind) {
    case 'text':
      return good(String(value));
    case 'integer':
      return readNumber(value, Number.isSafeInteger, 'is no whole number');
    case 'number':
      return readNumber(value, Number.isFinite, 'is no number');
    case 'flag':
      return readFlag(value);
    case 'list':
      return readList(value);
    case 'time':
      return readTime(value);
  }
}

function readNumber(value: number | string, fits: (value: number) => boolean, reason: string): ReadValue {
  // Number('') is 0.
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
  return fits(number) ? good(number) : bad(reason);
}

const FLAGS = new Map<unknown, boolean>([
  [0, false],
  [1, true],
  ['0', false],
  ['1', true],
  ['false', false],
  ['true', true],
]);

function readFlag(value: number | string): ReadValue {
  const flag = FLAGS.get(typeof value === 'string' ? value.toLowerCase() : value);
  return flag === undefined ? bad('is neither true nor false') : good(flag);
}

function readList(value: number | string): ReadValue {
  try {
    const list: unknown = JSON.parse(String(value));
    return list === null || Array.isArray(list) ? good(list) : bad('is no list');
  } catch {
    return bad('is no JSON');
  }
}

const TIME = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d\d:?\d\d)?$/i;
/** Seconds since 1970 stay below it for three thousand years, milliseconds are above it since 1973. */
const SECONDS_MAX = 1e11;

function readTime(value: number | string): ReadValue {
  const time = typeof value === 'number' ? millisecondsOf(value) : parsed(value);
  return Math.abs(time) <= 8.64e15 ? good(new Date(time).toISOString()) : bad('is no time');
}

const millisecondsOf = (value: number): number =>
  Math.floor(Math.abs(value) < SECONDS_MAX ? value * 1000 : value);

function parsed(text: string): number {
  const [, day, minute = '00:00', second = '00', fraction = '', zone = 'Z'] = TIME.exec(text.trim()) ?? [];
  if (day === undefined) return Number.NaN;
  return Date.parse(`${day}T${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}${zone.toUpperCase()}`);
}

/** What does not fit the column becomes null: it comes from records, which were checked when they came in. */
export function writeValue(kind: ColumnKind, value: unknown): SqlValue {
  if (value === null || value === undefined) return null;
  switch (kind) {
    case 'text':
      return typeof value === 'string' ? value : null;
    case 'integer':
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'flag':
      return value ? 1 : 0;
    case 'list':
      return JSON.stringify(value);
    case 'time':
      return writeTime(value);
  }
}

/** Six digits of a second, as the original writes them. */
function writeTime(value: unknown): string | null {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) return null;
  return `${new Date(time).toISOString().slice(0, -1).replace('T', ' ')}000`;
}
