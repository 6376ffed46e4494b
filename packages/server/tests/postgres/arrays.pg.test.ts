/** Columns as binary arrays: PostgreSQL reads what was written, whatever it was. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../../../../tests/support/postgres.ts';
import type { SqlValue } from '../../src/store/connection.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import {
  bigintArray,
  booleanArray,
  bytesArray,
  IllFormedText,
  integerArray,
  jsonArray,
  textArray,
  timeArray,
  unsignedArray,
} from '../../src/store/sql-arrays.ts';
import { freshDatabase } from './support.ts';

let fresh: TestDatabase;
let database: Database;
beforeAll(async () => {
  fresh = await freshDatabase();
  database = openDatabase({ url: fresh.ownerUrl, poolMax: 1, role: null, statementMsMax: 0, log: () => {} });
});
afterAll(async () => {
  await database.close();
  await fresh.drop();
});

/** The elements as PostgreSQL sees them, in order. */
async function echo<T>(type: string, array: Buffer, expression = 'element'): Promise<T[]> {
  const text = `SELECT ${expression} AS element FROM unnest($1::${type}[]) WITH ORDINALITY AS u (element, at) ORDER BY at`;
  const values: SqlValue[] = [array];
  const rows = await database.use((connection) =>
    connection.rows<{ element: T }>({ name: `echo-${type}-${expression}`, text }, values),
  );
  return rows.map(({ element }) => element);
}

const wellFormed = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', ''));

describe('come back as they were', () => {
  test('texts', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.option(wellFormed)), async (texts) => {
        expect(await echo('text', textArray(texts))).toEqual(texts);
      }),
      { numRuns: 50 },
    ));

  test('JSON', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue({ stringUnit: 'grapheme' })), async (values) => {
        const clean = values.map((value) => JSON.parse(JSON.stringify(value).replaceAll('\\u0000', '')));
        // null is SQL's NULL here, which the driver gives as null again.
        expect(await echo('json', jsonArray(clean))).toEqual(clean);
      }),
      { numRuns: 50 },
    ));

  test('whole numbers, small and large', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(fc.maxSafeInteger())),
        fc.array(fc.integer()),
        async (large, small) => {
          expect(await echo('bigint', bigintArray(large))).toEqual(large);
          expect(await echo('integer', integerArray(small))).toEqual(small);
        },
      ),
      { numRuns: 50 },
    ));

  test('unsigned 64-bit numbers, by their bits', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })), async (values) => {
        const texts = await echo<string>('bigint', unsignedArray(values), 'element::text');
        expect(texts.map((text) => BigInt.asUintN(64, BigInt(text)))).toEqual(values);
      }),
      { numRuns: 50 },
    ));

  test('times', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.option(fc.integer({ min: 0, max: Date.UTC(2254, 0) }))), async (times) => {
        expect(await echo('timestamptz', timeArray(times))).toEqual(times);
      }),
      { numRuns: 50 },
    ));

  test('bytes and flags', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array()), fc.array(fc.boolean()), async (bytes, flags) => {
        const read = await echo<Buffer>('bytea', bytesArray(bytes));
        expect(read.map((buffer) => new Uint8Array(buffer))).toEqual(bytes);
        expect(await echo('boolean', booleanArray(flags))).toEqual(flags);
      }),
      { numRuns: 50 },
    ));

  test('a column that is larger than any before', async () => {
    const texts = Array.from({ length: 50 }, () => 'ß€😀'.repeat(20_000));
    expect(await echo('text', textArray(texts))).toEqual(texts);
  });
});

describe('are refused', () => {
  const loneSurrogate = 'a\ud800b';
  test.each([
    ['a lone surrogate in a text', () => textArray(['fine', loneSurrogate])],
    ['a lone surrogate in JSON', () => jsonArray([{ deep: [loneSurrogate] }])],
    ['a lone surrogate in a name in JSON', () => jsonArray([{ [loneSurrogate]: 1 }])],
    ['NUL in JSON', () => jsonArray(['a\0b'])],
    ['NUL after a backslash in JSON', () => jsonArray(['\\\0'])],
  ])('%s', (_, make) => {
    expect(make).toThrow(IllFormedText);
  });

  test.each([
    ['a fraction among large numbers', () => bigintArray([1.5])],
    ['a number beyond the safe ones', () => bigintArray([2 ** 53])],
    ['a fraction among small numbers', () => integerArray([1.5])],
    ['a small number that is too large', () => integerArray([2 ** 31])],
    ['no number', () => bigintArray([Number.NaN])],
  ])('%s', (_, make) => {
    expect(make).toThrow(RangeError);
  });

  test('but not what only looks like an escape', async () => {
    const texts = ['\\u0000', 'a\\ud800', '\\\\u0000', '😀 \\ud'];
    expect(await echo('json', jsonArray(texts))).toEqual(texts);
  });
});
