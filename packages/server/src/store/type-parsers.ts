/**
 * How values come back from PostgreSQL: whole numbers and times as numbers (milliseconds since 1970), JSON parsed.
 * Input: the text form, with the session's time zone at UTC. Other types stay as the driver has them.
 */
import pg from 'pg';

const OID = { bigint: 20, timestamptz: 1184 } as const;

export const typeParsers: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    switch (oid) {
      case OID.bigint:
        return Number;
      case OID.timestamptz:
        return parseTime;
      default:
        return pg.types.getTypeParser(oid, format as 'text');
    }
  }) as pg.CustomTypesConfig['getTypeParser'],
};

/**
 * `2026-07-01 12:00:00.123456+00` as milliseconds, the rest cut off. By position, because four of these come with
 * every record and `Date.parse` is slow on anything but ISO 8601.
 */
export function parseTime(text: string): number {
  const second = Date.UTC(
    digits(text, 0, 4),
    digits(text, 5, 2) - 1,
    digits(text, 8, 2),
    digits(text, 11, 2),
    digits(text, 14, 2),
    digits(text, 17, 2),
  );
  if (text[19] !== '.') return second;
  const milliseconds = text.slice(20, 23).replace(/\D.*/, '').padEnd(3, '0');
  return second + Number(milliseconds);
}

function digits(text: string, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index++) value = value * 10 + text.charCodeAt(index) - 48;
  return value;
}
