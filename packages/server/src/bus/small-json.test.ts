import fc from 'fast-check';
import { expect, test } from 'vitest';
import { smallJson } from './small-json.ts';

test('is the JSON if that fits, and nothing if not', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(200), (value, bytesMax) => {
      const text = JSON.stringify(value);
      expect(smallJson(value, bytesMax)).toBe(Buffer.byteLength(text) <= bytesMax ? text : null);
    }),
  );
});

test('what is large is not written first', () => {
  let reads = 0;
  const items = Array.from({ length: 10_000 }, () => ({
    get text() {
      reads++;
      return 'x'.repeat(100);
    },
  }));
  expect(smallJson(items, 1_000)).toBeNull();
  expect(reads).toBeLessThan(20);
});
