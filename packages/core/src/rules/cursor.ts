// The cursor a client carries: how far it has read in each of its scopes, for one user, filter and epoch.
// Signing makes it opaque in effect: a client can hand it back, but not make one up or change one.
// Promise: whatever text comes in, `readCursor` answers with a value; only a text that `signCursor` made with one of
// the keys yields a state. One state under one key has one text.

import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { LIMITS } from '../protocol/limits.ts';
import { base64UrlToBytes, bytesToBase64Url } from '../schema/bytes.ts';
import { canonicalJson } from '../schema/canonical-json.ts';
import type { JsonValue } from '../schema/json.ts';
import { type CursorState, cursorPayload, cursorStateOf } from './cursor-state.ts';
import { contentFingerprint } from './identifier.ts';

/** A signing key of 32 random bytes or more. The first of a list signs, all of them are accepted. */
export type CursorKey = {
  readonly secret: Uint8Array;
  /** Of the platform, where it has a faster one. */
  readonly hmacSha256?: (secret: Uint8Array, bytes: Uint8Array) => Uint8Array;
};

export type CursorReading<Extra extends JsonValue = JsonValue> =
  | { readonly ok: true; readonly state: CursorState<Extra> }
  /** MALFORMED: not a cursor at all. FOREIGN: looks like one, but none of these keys signed it. */
  | { readonly ok: false; readonly code: 'CURSOR_MALFORMED' | 'CURSOR_FOREIGN' };

const SECRET_BYTES_MIN = 32;
const MAC_BYTES = 16;
/** The version stands in front and is signed too: a later format takes another one, and these then read as malformed. */
const VERSION = 'c1';
const TOKEN = /^(c1\.([\w-]+))\.([\w-]{22})$/;

/** The token of a state, in base64url letters and dots. Throws a RangeError beyond LIMITS.cursorBytesMax; see `cursorBytes`. */
export function signCursor<Extra extends JsonValue>(
  state: CursorState<Extra>,
  keys: readonly CursorKey[],
): string {
  const key = keys[0];
  if (!key) throw new RangeError('Signing a cursor needs a key.');
  const signed = `${VERSION}.${bytesToBase64Url(payloadBytes(state))}`;
  const token = `${signed}.${macOf(signed, key)}`;
  if (token.length > LIMITS.cursorBytesMax)
    throw new RangeError(`A cursor of ${token.length} bytes is too long.`);
  return token;
}

/** How long the token of a state would be: with many scopes a server rather keeps the state and signs its id. */
export function cursorBytes<Extra extends JsonValue>(state: CursorState<Extra>): number {
  const macLength = Math.ceil((MAC_BYTES * 4) / 3);
  return VERSION.length + Math.ceil((payloadBytes(state).length * 4) / 3) + macLength + 2;
}

/** `Extra` is taken on trust from the signature: name the type that the signing side of this version puts there. */
export function readCursor<Extra extends JsonValue = JsonValue>(
  token: unknown,
  keys: readonly CursorKey[],
): CursorReading<Extra> {
  if (typeof token !== 'string' || token.length > LIMITS.cursorBytesMax) return malformed;
  const [, signed, payload, mac] = TOKEN.exec(token) ?? [];
  if (signed === undefined || payload === undefined || mac === undefined) return malformed;
  if (!keys.some((key) => equalInConstantTime(mac, macOf(signed, key))))
    return { ok: false, code: 'CURSOR_FOREIGN' };
  const state = cursorStateOf(parsePayload(payload));
  return state ? { ok: true, state: state as CursorState<Extra> } : malformed;
}

export type CursorExpectation = { readonly user: string; readonly epoch: number; readonly filter: string };

/**
 * May this caller go on from this state? Another user's cursor answers exactly like one that nobody here signed, so the
 * answer tells nothing about that user. Another epoch means that the database was restored since.
 */
export function checkCursor(
  state: CursorState,
  expected: CursorExpectation,
): 'ok' | 'CURSOR_FOREIGN' | 'RESYNC_REQUIRED' | 'CURSOR_FILTER_CHANGED' {
  if (state.user !== expected.user) return 'CURSOR_FOREIGN';
  if (state.epoch !== expected.epoch) return 'RESYNC_REQUIRED';
  if (state.filter !== expected.filter) return 'CURSOR_FILTER_CHANGED';
  return 'ok';
}

/** What a cursor keeps of a filter: equal for equal filters, whatever the order of their members. */
export function filterHash(filter: JsonValue): string {
  return contentFingerprint(filter);
}

const malformed = { ok: false, code: 'CURSOR_MALFORMED' } as const;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

function payloadBytes<Extra extends JsonValue>(state: CursorState<Extra>): Uint8Array {
  return encoder.encode(canonicalJson(cursorPayload(state)));
}

/** Reached only behind a valid signature; still total, since a key may have signed other texts. */
function parsePayload(payload: string): unknown {
  const bytes = base64UrlToBytes(payload);
  if (bytes === null) return null;
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    return null;
  }
}

const portableHmac = (secret: Uint8Array, bytes: Uint8Array): Uint8Array => hmac(sha256, secret, bytes);

function macOf(signed: string, { secret, hmacSha256 = portableHmac }: CursorKey): string {
  if (secret.length < SECRET_BYTES_MIN) throw new RangeError('A cursor key needs 32 bytes or more.');
  return bytesToBase64Url(hmacSha256(secret, encoder.encode(signed)).subarray(0, MAC_BYTES));
}

/** Looks at every letter, so the time taken does not tell how many of them were guessed. */
function equalInConstantTime(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
