/** Would the app read back what it sent? A key that it left out is null to it; so is one in an object of a list. */
import type { Field, JsonValue } from '@ackord/core';

export function sameOnWire(field: Field, sent: unknown, stored: JsonValue): boolean {
  if (field.kind === 'decimal' && typeof stored === 'string')
    return typeof sent === 'number' && sent === Number(stored);
  return sameJson(sent, stored);
}

function sameJson(sent: unknown, stored: JsonValue | undefined): boolean {
  const a = sent ?? null;
  const b = stored ?? null;
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = a as { readonly [key: string]: unknown };
  const right = b as { readonly [key: string]: JsonValue };
  for (const key of Object.keys(left)) if (!sameJson(left[key], own(right, key))) return false;
  for (const key of Object.keys(right)) if (!sameJson(own(left, key), right[key])) return false;
  return true;
}

const own = <Value>(object: { readonly [key: string]: Value }, key: string): Value | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;
