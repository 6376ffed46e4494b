import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDocumentCache } from './document-cache.ts';

test('what was used last stays, what was not used goes first', () => {
  const cache = createDocumentCache<number>(64);
  const room = 64 / 4;
  for (let at = 0; at < room; at++) cache.set(`d${at}`, at, 4);
  expect(cache.size).toBe(room);
  cache.get('d0');
  cache.set('new', 99, 4);
  expect([cache.get('d0'), cache.get('d1'), cache.get('d2'), cache.get('new')]).toEqual([
    0,
    undefined,
    2,
    99,
  ]);
});

test('it never holds more weight than it may, whatever comes', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 40 }), { maxLength: 200 }), (texts) => {
      const cache = createDocumentCache<string>(160);
      for (const text of texts) {
        cache.set(text, text, text.length);
        const kept = new Set(texts.filter((one) => cache.get(one) === one));
        expect([...kept].join('').length).toBeLessThanOrEqual(160);
        expect(kept.size).toBe(cache.size);
      }
    }),
  );
});

test('a document that would push out many others is not kept', () => {
  const cache = createDocumentCache<number>(160);
  cache.set('heavy', 1, 11);
  cache.set('light', 2, 10);
  expect([cache.get('heavy'), cache.get('light')]).toEqual([undefined, 2]);
});
