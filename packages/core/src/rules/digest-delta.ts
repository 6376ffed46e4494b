// Adds up what one batch does to a digest, without a BigInt per record.
// Job: the same sums as `addToDigest` and `removeFromDigest`, kept as four 32-bit words with a carry between the two
// words of a half. Promise: `digest()` equals the fold of the pure functions over the same calls, in any order.

import { CHECKSUM_BYTES } from '../schema/checksum.ts';
import type { Digest } from './digest.ts';

const WORD = 0x1_0000_0000;

export class DigestDelta {
  #count = 0;
  /** Most significant first: high half, high half, low half, low half. Stores wrap modulo 2^32 by themselves. */
  readonly #words = new Uint32Array(4);

  add(checksum: Uint8Array): void {
    this.#count++;
    this.#addHalf(0, wordAt(checksum, 0), wordAt(checksum, 4));
    this.#addHalf(2, wordAt(checksum, 8), wordAt(checksum, 12));
  }

  remove(checksum: Uint8Array): void {
    this.#count--;
    this.#subtractHalf(0, wordAt(checksum, 0), wordAt(checksum, 4));
    this.#subtractHalf(2, wordAt(checksum, 8), wordAt(checksum, 12));
  }

  /** The difference so far; add it to the stored digest with `sumDigests`. */
  digest(): Digest {
    return { count: this.#count, high: this.#half(0), low: this.#half(2) };
  }

  #addHalf(at: 0 | 2, upper: number, lower: number): void {
    const sum = this.#words[at + 1]! + lower;
    const carry = sum >= WORD ? 1 : 0;
    this.#words[at + 1] = sum;
    this.#words[at] = this.#words[at]! + upper + carry;
  }

  #subtractHalf(at: 0 | 2, upper: number, lower: number): void {
    const difference = this.#words[at + 1]! - lower;
    const borrow = difference < 0 ? 1 : 0;
    this.#words[at + 1] = difference;
    this.#words[at] = this.#words[at]! - upper - borrow;
  }

  #half(at: 0 | 2): bigint {
    return (BigInt(this.#words[at]!) << 32n) | BigInt(this.#words[at + 1]!);
  }
}

/** A big-endian 32-bit word; a checksum of another length is a bug. */
function wordAt(checksum: Uint8Array, at: number): number {
  if (checksum.length !== CHECKSUM_BYTES) throw new RangeError('A record checksum has 16 bytes.');
  const word =
    (checksum[at]! << 24) | (checksum[at + 1]! << 16) | (checksum[at + 2]! << 8) | checksum[at + 3]!;
  return word >>> 0;
}
