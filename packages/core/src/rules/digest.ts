// The digest of a set of records: equal digests mean equal replicas, whatever order the records came in.
// It is the count and two unsigned 64-bit sums (modulo 2^64) of the halves of the record checksums, so a commit updates
// it with what went out and what came in, without reading the rest.
// Promise: adding and removing commute and cancel out; digests of disjoint sets add up to that of their union.

import { CHECKSUM_BYTES } from '../schema/checksum.ts';

/** `count` may be negative, and the sums wrap around, where the digest is the difference that a batch makes. */
export type Digest = { readonly count: number; readonly high: bigint; readonly low: bigint };

export const emptyDigest: Digest = { count: 0, high: 0n, low: 0n };

/** `checksum`: the 16 bytes of `recordChecksum`; other lengths are a bug and throw a RangeError. */
export function addToDigest(digest: Digest, checksum: Uint8Array): Digest {
  const { high, low } = halves(checksum);
  return { count: digest.count + 1, high: wrap(digest.high + high), low: wrap(digest.low + low) };
}

/** Undoes `addToDigest` of the same checksum. */
export function removeFromDigest(digest: Digest, checksum: Uint8Array): Digest {
  const { high, low } = halves(checksum);
  return { count: digest.count - 1, high: wrap(digest.high - high), low: wrap(digest.low - low) };
}

/** The digest of disjoint sets together, or a digest moved on by the differences of batches. */
export function sumDigests(...digests: readonly Digest[]): Digest {
  let { count, high, low } = emptyDigest;
  for (const digest of digests) {
    count += digest.count;
    high = wrap(high + digest.high);
    low = wrap(low + digest.low);
  }
  return { count, high, low };
}

export function equalDigests(a: Digest, b: Digest): boolean {
  return a.count === b.count && a.high === b.high && a.low === b.low;
}

/** `count:` and 32 hex digits, high half first: what logs, wires and people compare. */
export function formatDigest(digest: Digest): string {
  return `${digest.count}:${hex64(digest.high)}${hex64(digest.low)}`;
}

const DIGEST_TEXT = /^(0|-?[1-9]\d{0,15}):([0-9a-f]{16})([0-9a-f]{16})$/;

/** The digest of such a text, else null. */
export function parseDigest(text: string): Digest | null {
  const match = DIGEST_TEXT.exec(text);
  const count = Number(match?.[1]);
  if (!match || !Number.isSafeInteger(count)) return null;
  return { count, high: BigInt(`0x${match[2]}`), low: BigInt(`0x${match[3]}`) };
}

function wrap(sum: bigint): bigint {
  return BigInt.asUintN(64, sum);
}

function hex64(value: bigint): string {
  return value.toString(16).padStart(16, '0');
}

function halves(checksum: Uint8Array): { high: bigint; low: bigint } {
  if (checksum.length !== CHECKSUM_BYTES) throw new RangeError('A record checksum has 16 bytes.');
  const view = new DataView(checksum.buffer, checksum.byteOffset, CHECKSUM_BYTES);
  return { high: view.getBigUint64(0), low: view.getBigUint64(8) };
}
