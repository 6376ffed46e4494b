// The checksum of one record: what digests add up, and what a server and a replica compare.
// Input: type, id, version and fields; no server stamps, no sync fields, so both ends come to the same bytes.
// Promise: the first 16 bytes of SHA-256 over the canonical JSON of those four.

import { sha256 } from '@noble/hashes/sha2.js';
import { canonicalJson } from './canonical-json.ts';
import type { JsonValue } from './json.ts';

export const CHECKSUM_BYTES = 16;

export type ChecksumRecord = {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly fields: Readonly<Record<string, JsonValue>>;
};

/** SHA-256 (32 bytes) of a text's UTF-8. A server passes its native one, which is several times faster. */
export type TextHash = (text: string) => Uint8Array;

const encoder = new TextEncoder();

/** SHA-256 of a text in plain JavaScript: needs nothing from the platform and answers synchronously, in browsers too. */
export const sha256OfText: TextHash = (text) => sha256(encoder.encode(text));

/**
 * 16 bytes in an array of their own type, also when the hash hands out a platform buffer. `fieldsText`: the canonical
 * JSON of the fields, from whoever has it at hand.
 */
export function recordChecksum(
  record: ChecksumRecord,
  hash: TextHash = sha256OfText,
  fieldsText: string = canonicalJson(record.fields),
): Uint8Array {
  const { type, id, version } = record;
  const names = `"id":${canonicalJson(id)},"type":${canonicalJson(type)},"version":${canonicalJson(version)}`;
  return firstHalf(hash(`{"fields":${fieldsText},${names}}`));
}

/** The first 16 bytes of a SHA-256, not copied: enough against accidents and, at 2^64 tries, against sought-out twins. */
export function firstHalf(digest: Uint8Array): Uint8Array {
  return new Uint8Array(digest.buffer, digest.byteOffset, CHECKSUM_BYTES);
}
