import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readRange } from './range.ts';

const part = (start: number, end: number) => ({ kind: 'part', start, end });

test.each([
  ['bytes=0-0', part(0, 0)],
  ['bytes=2-5', part(2, 5)],
  ['bytes=2-', part(2, 9)],
  ['bytes=-3', part(7, 9)],
  ['bytes=-99', part(0, 9)],
  ['bytes=5-99', part(5, 9)],
  [' bytes=9-9 ', part(9, 9)],
  ['bytes=10-', { kind: 'outside' }],
  ['bytes=10-12', { kind: 'outside' }],
  ['bytes=-0', { kind: 'outside' }],
])('%s of ten bytes', (header, range) => {
  expect(readRange(header, 10)).toEqual(range);
});

test.each([undefined, '', 'bytes=-', 'bytes=5-2', 'bytes=0-1,3-4', 'items=0-1', 'bytes=a-b', 'bytes=1.5-2'])(
  '%s is passed over',
  (header) => {
    expect(readRange(header, 10)).toEqual({ kind: 'whole' });
  },
);

test('an empty file has no part', () => {
  expect(readRange('bytes=0-', 0)).toEqual({ kind: 'outside' });
  expect(readRange('bytes=-5', 0)).toEqual({ kind: 'outside' });
});

test('a part always lies within the file', () => {
  const header = fc.oneof(fc.string(), fc.stringMatching(/^bytes=\d{0,16}-\d{0,16}$/));
  fc.assert(
    fc.property(header, fc.nat(), (text, size) => {
      const range = readRange(text, size);
      if (range.kind !== 'part') return;
      expect(range.start).toBeGreaterThanOrEqual(0);
      expect(range.end).toBeGreaterThanOrEqual(range.start);
      expect(range.end).toBeLessThan(size);
    }),
  );
});
