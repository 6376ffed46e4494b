/** Texts of a GPX file as values: numbers, moments, and names on one line. What can't be read is null. */
import { LIMITS, parseInstant } from '@ackord/core';

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Only digits, with a point: no hexadecimal, no "NaN", nothing that is infinite. */
export function decimal(text: string | undefined): number | null {
  const written = text?.trim() ?? '';
  if (written.length > 100 || !DECIMAL.test(written)) return null;
  const number = Number(written);
  return Number.isFinite(number) ? number : null;
}

export function degrees(text: string | undefined, max: 90 | 180): number | null {
  const number = decimal(text);
  return number !== null && Math.abs(number) <= max ? number : null;
}

/** Metres. Devices write impossible heights before they know where they are; a track without them is still good. */
export function elevation(text: string | undefined): number | null {
  const number = decimal(text);
  return number !== null && Math.abs(number) <= LIMITS.gpxElevationMetersMax ? number : null;
}

/** Milliseconds since 1970. GPX times are UTC; some programs leave the zone out. */
export function moment(text: string | undefined): number | null {
  const written = text?.trim() ?? '';
  if (written.length > 40) return null;
  return parseInstant(written) ?? parseInstant(`${written}Z`);
}

/** On one line, without blanks around it; null when nothing is left. */
export function label(text: string | undefined): string | null {
  const tidied = (text ?? '').replace(/\s+/gu, ' ').trim();
  return tidied === '' ? null : tidied;
}

/** With its lines; null when nothing is left. */
export function description(text: string | undefined): string | null {
  const tidied = (text ?? '').trim();
  return tidied === '' ? null : tidied;
}
