import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimalFits, decimalOf, isCanonicalDecimal } from './decimal.ts';
import { decimal, factsOfField } from './field.ts';

describe('decimalOf', () => {
  test.each([
    [0, '0'],
    [-0, '0'],
    [100, '100'],
    [12.5, '12.5'],
    [1.005, '1.01'],
    [-1.005, '-1.01'],
    [8.345, '8.35'],
    [0.1 + 0.2, '0.3'],
    [0.004, '0'],
    [-0.004, '0'],
    [0.005, '0.01'],
    [9.995, '10'],
    [99999.999, '100000'],
    [1e-7, '0'],
    [5e-324, '0'],
    [1e21, '1000000000000000000000'],
    [-1.5e22, '-15000000000000000000000'],
    ['12.50', '12.5'],
    ['+007.', '7'],
    ['.5', '0.5'],
    ['-.005', '-0.01'],
    ['-0.00', '0'],
    ['1e21', '1000000000000000000000'],
    ['1.2345E2', '123.45'],
    ['5e-3', '0.01'],
    ['49e-4', '0'],
    ['9007199254740993.01', '9007199254740993.01'],
  ])('%s becomes %s', (value, text) => {
    expect(decimalOf(value, 2)).toBe(text);
  });

  test.each([
    NaN,
    Infinity,
    -Infinity,
    '',
    '.',
    '-',
    'e5',
    '1,5',
    '1e9999',
    '0x10',
    ' 1',
    '1 ',
    '1'.repeat(2_000),
    null,
    undefined,
    true,
    {},
    [1],
    5n,
  ])('%s is no number', (value) => {
    expect(decimalOf(value, 2)).toBeNull();
  });

  test('keeps as many digits as it is told', () => {
    expect(decimalOf(1.5, 0)).toBe('2');
    expect(decimalOf('0.12345', 4)).toBe('0.1235');
    expect(decimalOf(0.00001, 6)).toBe('0.00001');
  });

  test('a number of up to 15 digits comes back as it was', () => {
    const cents = fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n });
    fc.assert(
      fc.property(cents, (amount) => {
        const text = decimalText(amount);
        const value = Number(text);
        expect(decimalOf(value, 2)).toBe(text);
        expect(Number(decimalOf(value, 2))).toBe(value);
        expect(JSON.parse(text)).toBe(value);
      }),
      { numRuns: 2_000 },
    );
  });

  test('gives the canonical form of whatever it reads, at most half a unit away', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), fc.nat(4), (value, scale) => {
        const text = decimalOf(value, scale);
        expect(text).not.toBeNull();
        expect(isCanonicalDecimal(text!)).toBe(true);
        expect(decimalOf(text, scale)).toBe(text);
        expect(Math.abs(Number(text) - value)).toBeLessThanOrEqual(0.5000001 * 10 ** -scale + 1e-4);
      }),
    );
  });
});

/** Cents as canonical text. */
function decimalText(cents: bigint): string {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, '0');
  const fraction = digits.slice(-2).replace(/0+$/, '');
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}${fraction && `.${fraction}`}`;
}

test.each(['00', '01', '1.0', '1.', '.5', '-0', '+1', '1e3', '', '-', '0.10', '1\n'])(
  '%j is not canonical',
  (text) => {
    expect(isCanonicalDecimal(text)).toBe(false);
  },
);

test('digits are counted on both sides of the point', () => {
  expect(decimalFits('999.99', 5, 2)).toBe(true);
  expect(decimalFits('-1000', 5, 2)).toBe(false);
  expect(decimalFits('0.001', 5, 2)).toBe(false);
  expect(decimalFits('0.99', 2, 2)).toBe(true);
});

test('a decimal field takes canonical text in its range and knows its kind', () => {
  const field = decimal({ digits: 5, scale: 2 });
  expect(factsOfField('amount', field.nullable().default('0'))).toMatchObject({
    kind: 'decimal',
    nullable: true,
    defaultValue: '0',
  });
  expect(field.safeParse('-0.01').success).toBe(true);
  for (const value of ['1000', '0.001', '1.50', '-0', 1]) expect(field.safeParse(value).success).toBe(false);
});
