/** Values of the older server's rows as the engine takes them. */
import type { Row } from './source.ts';

export const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

export const idOf = (value: unknown): string | null => textOf(value)?.toLowerCase() ?? null;

/** Whole milliseconds since 1970, where it is a moment that can be kept. */
export function momentOf(value: unknown): number | null {
  if (typeof value !== 'number' || !Number.isFinite(value)) return null;
  // Older databases give fractions of a second as floating-point numbers.
  const time = Math.floor(value + 0.0005);
  return time >= EARLIEST && time <= LATEST ? time : null;
}

const EARLIEST = Date.parse('0001-01-01T00:00:00Z');
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** A stamp that a server could have set. The years 1 and 9999 stand for "never" somewhere, and are no such. */
export function stampOf(value: unknown): number | null {
  const time = momentOf(value);
  return time !== null && time >= FIRST_STAMP && time <= LAST_STAMP ? time : null;
}

const FIRST_STAMP = Date.UTC(1970, 0, 1);
const LAST_STAMP = Date.UTC(2200, 0, 1);

/** ISO text; one that the engine refuses, with a reason, for what is no moment between the years 1 and 9999. */
export function instantOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const time = momentOf(value);
  return time === null ? 'out of range' : new Date(time).toISOString();
}

/** When a row was changed last, as far as it says so. */
export const changedAt = (row: Row): number | null => stampOf(row.updatedAt) ?? stampOf(row.createdAt);
