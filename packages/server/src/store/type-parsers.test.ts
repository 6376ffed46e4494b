/** Times as PostgreSQL writes them, read by position. */
import { expect, test } from 'vitest';
import { parseTime } from './type-parsers.ts';

test.each([
  ['1970-01-01 00:00:00+00', 0],
  ['2026-07-01 12:34:56+00', Date.UTC(2026, 6, 1, 12, 34, 56)],
  ['2026-07-01 12:34:56.7+00', Date.UTC(2026, 6, 1, 12, 34, 56, 700)],
  ['2026-07-01 12:34:56.78+00', Date.UTC(2026, 6, 1, 12, 34, 56, 780)],
  ['2026-07-01 12:34:56.789+00', Date.UTC(2026, 6, 1, 12, 34, 56, 789)],
  // Cut, not rounded: a moment must not come out later than it was.
  ['2026-07-01 12:34:56.789999+00', Date.UTC(2026, 6, 1, 12, 34, 56, 789)],
  ['1969-12-31 23:59:59.5+00', -500],
  ['9999-12-31 23:59:59.999+00', Date.UTC(9999, 11, 31, 23, 59, 59, 999)],
])('%s', (text, time) => {
  expect(parseTime(text)).toBe(time);
});
