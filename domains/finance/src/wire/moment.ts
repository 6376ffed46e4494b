/**
 * Moments as apps and the original server write them: ISO 8601 with or without a zone, a fraction, seconds, or a time.
 * One without a zone is read as UTC, whatever zone this server or the app runs in.
 */
import { parseInstant } from '@ackord/core';

const PATTERN = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/i;

/** Milliseconds since 1970, null: it is no moment. */
export function parseMoment(value: unknown): number | null {
  if (typeof value !== 'string') return null;
  const match = PATTERN.exec(value);
  if (!match) return null;
  const [, date, time = '00:00', seconds = ':00', fraction = '', zone = 'Z'] = match;
  return parseInstant(`${date}T${time}${seconds}${fraction}${withColon(zone.toUpperCase())}`);
}

const withColon = (zone: string): string =>
  zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
