/**
 * JSON text as Python's `json.dumps(value, sort_keys=True)` writes it, for checksums over that text: separators `", "`
 * and `": "`, all but printable ASCII as `\uXXXX`, floats always with a point or an exponent.
 */
import { Buffer } from 'node:buffer';
import type { JsonObject, JsonValue } from '@ackord/core';

/** A JSON value. A number counts as an int where its JSON text has neither a point nor an exponent. */
export function pythonJson(value: JsonValue): string {
  switch (typeof value) {
    case 'string':
      return pythonText(value);
    case 'number':
      return /[.e]/.test(String(value)) ? pythonFloat(value) : String(value);
    case 'boolean':
      return String(value);
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
      return pythonObject(value as JsonObject);
  }
}

function pythonObject(object: JsonObject): string {
  const members = Object.entries(object)
    .filter((member): member is [string, JsonValue] => member[1] !== undefined)
    .map(([key, value]) => ({ key, bytes: Buffer.from(key), value }))
    // By code point, which is the order of the bytes of UTF-8; JavaScript alone goes by UTF-16.
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ key, value }) => `${pythonText(key)}: ${pythonJson(value)}`);
  return `{${members.join(', ')}}`;
}

const NOT_PLAIN = /[^ !#-[\]-~]/;

export function pythonText(text: string): string {
  if (!NOT_PLAIN.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A finite number as `repr(float)` writes it: `100.0`, `0.1`, `1e+16`, `1.5e-07`. */
export function pythonFloat(value: number): string {
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (value === 0) return `${sign}0.0`;
  // The shortest digits that give the same number back: both languages agree on these, and differ in the layout only.
  const [mantissa = '', power = '0'] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    const point = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
    return `${sign}${point}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}
