// Ids and fingerprints that follow from content, so that two attempts at the same thing meet in one record.
// Promise: the same parts give the same id everywhere and for ever; other parts give another id.

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '../schema/bytes.ts';
import { canonicalJson } from '../schema/canonical-json.ts';
import { firstHalf, sha256OfText, type TextHash } from '../schema/checksum.ts';
import type { JsonValue } from '../schema/json.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The written form of RFC 9562, in either case and of any version; devices send old and home-made ones too. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** The UUID in lower case (iOS sends upper case), else null. */
export function normalizeUuid(text: string): string | null {
  return isUuid(text) ? text.toLowerCase() : null;
}

/**
 * A UUID of version 8 (RFC 9562) from SHA-256 over the parts. Each part is preceded by its length, so ('ab', 'c') and
 * ('a', 'bc') differ. Name the purpose in the first part. Lone surrogates are a bug and throw a TypeError.
 */
export function derivedUuid(...parts: readonly string[]): string {
  const hash = sha256.create();
  for (const part of parts) hash.update(lengthPrefixed(part));
  const bytes = firstHalf(hash.digest());
  bytes[6] = (bytes[6]! & 0x0f) | 0x80; // version 8: made by a rule of our own
  bytes[8] = (bytes[8]! & 0x3f) | 0x80; // variant of the RFC
  const hex = bytesToHex(bytes);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Equal for equal content, whatever order its members came in: 32 hex digits. */
export function contentFingerprint(value: JsonValue, hash: TextHash = sha256OfText): string {
  return bytesToHex(firstHalf(hash(canonicalJson(value))));
}

const TENANT_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** May a tenant be called so? Its id is part of scopes, paths and file names. */
export function isTenantId(text: string): boolean {
  return TENANT_ID.test(text);
}

/** How the engine names a record of a tenant, since its id is unique in the tenant only. */
export function qualifiedId(tenant: string, id: string): string {
  return `${tenant}/${id}`;
}

/** The id as its app knows it: what follows the first '/', or all of it where there is none. */
export function bareId(id: string): string {
  return id.slice(id.indexOf('/') + 1);
}

/** The tenant of a qualified id, null where the id names none. */
export function tenantOf(id: string): string | null {
  const slash = id.indexOf('/');
  return slash < 0 ? null : id.slice(0, slash);
}

const encoder = new TextEncoder();
const PREFIX_BYTES = 4;

function lengthPrefixed(part: string): Uint8Array {
  if (!part.isWellFormed()) throw new TypeError('A part with a lone surrogate has no UTF-8 form.');
  const text = encoder.encode(part);
  const bytes = new Uint8Array(PREFIX_BYTES + text.length);
  new DataView(bytes.buffer).setUint32(0, text.length);
  bytes.set(text, PREFIX_BYTES);
  return bytes;
}
