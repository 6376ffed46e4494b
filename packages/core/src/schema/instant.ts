/**
 * Moments in time on the wire: ISO 8601 with a zone, years 0001–9999, kept as UTC with milliseconds and "Z".
 * Clients send them with and without a fraction, with "Z" or an offset; all of that is accepted, and nothing else:
 * JavaScript alone would take "2024-02-30" for the 1st of March.
 */
const PATTERN = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/;

const EARLIEST = Date.parse('0001-01-01T00:00:00Z');
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Milliseconds since 1970 for a well-formed moment within the years 0001–9999, else null. */
export function parseInstant(text: string): number | null {
  const time = parseWideInstant(text);
  return time !== null && time >= EARLIEST && time <= LATEST ? time : null;
}

/** Like `parseInstant`, but also takes the year 0000, which some clients send for "never". */
export function parseWideInstant(text: string): number | null {
  const match = PATTERN.exec(text);
  if (!match) return null;
  const time = Date.parse(text);
  if (Number.isNaN(time)) return null;
  const [, year, month, day, hour] = match;
  if (Number(hour) > 23) return null;
  return Number(day) <= daysInMonth(Number(year), Number(month)) ? time : null;
}

export function formatInstant(time: number): string {
  return new Date(time).toISOString();
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
