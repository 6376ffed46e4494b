// Canonical JSON by RFC 8785: one text per value, whatever order its members were written in. Checksums, fingerprints
// and cursors are taken over this text, so both ends must produce the same bytes.
// Input: values that validation has let through. Promise: members sorted by UTF-16 code units, numbers and strings as
// ECMAScript writes them, `undefined` members left out. What JSON cannot carry is a bug here and throws a TypeError.
// Runs once per record on the hot path: plain loops, no allocation beyond the text itself.

import type { JsonObject, JsonValue } from './json.ts';

/**
 * The RFC 8785 text of a value. UTF-16 in memory; encode it as UTF-8 before hashing.
 * Depth is bounded by the caller's validation, since this recurses.
 */
export function canonicalJson(value: JsonValue): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return numberText(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? arrayText(value) : objectText(value as JsonObject);
    default:
      throw new TypeError(`A ${typeof value} cannot be written as JSON.`);
  }
}

/** True when a string can be stored and signed everywhere: no NUL (PostgreSQL refuses it) and no lone surrogates. */
export function isWellFormedText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

function arrayText(items: readonly JsonValue[]): string {
  let text = '[';
  for (let i = 0; i < items.length; i++) {
    if (i > 0) text += ',';
    text += canonicalJson(items[i]!);
  }
  return `${text}]`;
}

function objectText(object: JsonObject): string {
  refuseClassInstance(object);
  const keys = sortKeys(Object.keys(object));
  let text = '{';
  let separator = '';
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    const member = object[key];
    if (member === undefined) continue;
    text += `${separator + quote(key)}:${canonicalJson(member)}`;
    separator = ',';
  }
  return `${text}}`;
}

/** A Date or a Map has no own members and would pass silently as `{}`. Compared by depth of the prototype chain, so that plain objects of another realm pass. */
function refuseClassInstance(object: object): void {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return;
  throw new TypeError('Only plain objects can be written as canonical JSON; convert class instances first.');
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value); // -0 becomes "0", as the RFC wants
  throw new TypeError(`${value} cannot be written as JSON.`);
}

// Measured: below these sizes a plain loop beats the built-in sort and the regular expression.
const INSERTION_SORT_KEYS_MAX = 32;
const LOOP_LENGTH_MAX = 40;

function sortKeys(keys: string[]): string[] {
  if (keys.length > INSERTION_SORT_KEYS_MAX) return keys.sort();
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i]!;
    let at = i;
    while (at > 0 && keys[at - 1]! > key) {
      keys[at] = keys[at - 1]!;
      at--;
    }
    keys[at] = key;
  }
  return keys;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that JSON must escape
const NEEDS_CARE = /["\\\u0000-\u001f\ud800-\udfff]/;

function quote(text: string): string {
  if (text.length > LOOP_LENGTH_MAX) return NEEDS_CARE.test(text) ? quoteWithCare(text) : `"${text}"`;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const plain = unit >= 0x20 && unit !== 0x22 && unit !== 0x5c && (unit < 0xd800 || unit > 0xdfff);
    if (!plain) return quoteWithCare(text);
  }
  return `"${text}"`;
}

function quoteWithCare(text: string): string {
  if (!text.isWellFormed()) throw new TypeError('A string with a lone surrogate has no UTF-8 form.');
  return JSON.stringify(text);
}
