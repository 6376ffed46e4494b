/**
 * Decimal numbers as text, for money: what a person typed is what is kept, whatever binary fractions would make of it.
 * Canonical form: `100`, `12.5`, `-0.01`; no exponent, no leading or trailing zeros, no `-0`, no `+`.
 * Promise: a number of up to 15 digits comes back from its canonical text as the same number.
 */
import { LIMITS } from '../protocol/limits.ts';

const CANONICAL = /^(?!-0$)-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/;
const READABLE = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/** Is it in the one form that a decimal has? */
export function isCanonicalDecimal(text: string): boolean {
  return CANONICAL.test(text);
}

/** Does a canonical decimal fit NUMERIC(digits, scale)? */
export function decimalFits(canonical: string, digits: number, scale: number): boolean {
  const unsigned = canonical.startsWith('-') ? canonical.slice(1) : canonical;
  const [whole = '', fraction = ''] = unsigned.split('.');
  return (whole === '0' ? 0 : whole.length) <= digits - scale && fraction.length <= scale;
}

/**
 * The canonical text of a finite number or of a decimal written as text, with at most `scale` digits after the point.
 * Rounds half away from zero on the digits that a person sees: 1.005 becomes `1.01`. null: it is no number.
 */
export function decimalOf(value: unknown, scale: number): string | null {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return null;
    if (Number.isSafeInteger(value)) return String(value); // -0 becomes "0"
    return roundedText(String(value), scale);
  }
  if (typeof value !== 'string' || value.length > LIMITS.decimalTextLengthMax) return null;
  return roundedText(value, scale);
}

function roundedText(text: string, scale: number): string | null {
  const match = READABLE.exec(text);
  if (!match) return null;
  const [, sign, whole = '', fraction = '', power = '0'] = match;
  const exponent = Number(power);
  if (whole === '' && fraction === '') return null;
  if (Math.abs(exponent) > LIMITS.decimalExponentMax) return null;
  if (exponent === 0 && fraction.length <= scale) return canonical(sign, whole, fraction);
  const digits = whole + fraction;
  // Where the last kept digit ends, counted from the first digit; zeros are put where there are none.
  const end = whole.length + exponent + scale;
  const kept = end <= 0 ? '0' : digits.slice(0, end).padEnd(end, '0');
  const roundUp = end >= 0 && (digits[end] ?? '0') >= '5';
  const units = (BigInt(kept) + (roundUp ? 1n : 0n)).toString().padStart(scale + 1, '0');
  const point = units.length - scale;
  return canonical(sign, units.slice(0, point), units.slice(point));
}

function canonical(sign: string | undefined, whole: string, fraction: string): string {
  const left = whole.replace(/^0+(?=\d)/, '') || '0';
  const right = fraction.replace(/0+$/, '');
  const unsigned = right === '' ? left : `${left}.${right}`;
  return sign === '-' && unsigned !== '0' ? `-${unsigned}` : unsigned;
}
