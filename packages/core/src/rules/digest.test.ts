import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hexToBytes } from '../schema/bytes.ts';
import {
  addToDigest,
  type Digest,
  emptyDigest,
  equalDigests,
  formatDigest,
  parseDigest,
  removeFromDigest,
  sumDigests,
} from './digest.ts';
import { DigestDelta } from './digest-delta.ts';

const anyChecksum = fc.uint8Array({ minLength: 16, maxLength: 16 });
/** Random bytes seldom carry all the way up; these do. */
const edgeChecksum = fc.array(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), { minLength: 16, maxLength: 16 });
const checksum = fc.oneof(
  anyChecksum,
  edgeChecksum.map((bytes) => Uint8Array.from(bytes)),
);
const checksums = fc.array(checksum, { maxLength: 40 });

const digestOf = (list: readonly Uint8Array[]): Digest => list.reduce(addToDigest, emptyDigest);

describe('digest', () => {
  it('of two known records', () => {
    const digest = digestOf([
      bytes('b53399832b14ab7eee7195912bdefb4a'),
      bytes('a266cec62a82c102d5fb4d97dbbcfe56'),
    ]);
    expect(formatDigest(digest)).toBe('2:579a684955976c80c46ce329079bf9a0');
  });

  it('does not depend on order', () => {
    const lists = checksums.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(lists, ([list, shuffled]) => {
        expect(digestOf(shuffled)).toEqual(digestOf(list));
      }),
    );
  });

  it('is what it was after adding and removing, and after removing and adding', () => {
    fc.assert(
      fc.property(checksums, checksum, (list, one) => {
        const digest = digestOf(list);
        expect(removeFromDigest(addToDigest(digest, one), one)).toEqual(digest);
        expect(addToDigest(removeFromDigest(digest, one), one)).toEqual(digest);
      }),
    );
  });

  it('of a union is the sum of the parts', () => {
    fc.assert(
      fc.property(checksums, checksums, checksums, (a, b, c) => {
        const sum = sumDigests(digestOf(a), digestOf(b), digestOf(c));
        expect(sum).toEqual(digestOf([...a, ...b, ...c]));
      }),
    );
    expect(sumDigests()).toEqual(emptyDigest);
  });

  it('differs when one record differs', () => {
    fc.assert(
      fc.property(checksums, checksum, fc.nat(15), (list, one, at) => {
        const other = one.with(at, one[at]! ^ 1);
        expect(equalDigests(digestOf([...list, one]), digestOf([...list, other]))).toBe(false);
        expect(equalDigests(digestOf([...list, one]), digestOf([one, ...list]))).toBe(true);
      }),
    );
  });

  it('tells an empty set from a record whose checksum is zero', () => {
    expect(equalDigests(addToDigest(emptyDigest, new Uint8Array(16)), emptyDigest)).toBe(false);
  });

  it('reads a checksum that lies inside a larger buffer', () => {
    const buffer = Uint8Array.from({ length: 40 }, (_, index) => index);
    expect(addToDigest(emptyDigest, buffer.subarray(7, 23))).toEqual(
      addToDigest(emptyDigest, buffer.slice(7, 23)),
    );
  });

  it.each([0, 15, 17, 32])('refuses a checksum of %d bytes', (length) => {
    const wrong = new Uint8Array(length);
    expect(() => addToDigest(emptyDigest, wrong)).toThrow(RangeError);
    expect(() => removeFromDigest(emptyDigest, wrong)).toThrow(RangeError);
    expect(() => new DigestDelta().add(wrong)).toThrow(RangeError);
    expect(() => new DigestDelta().remove(wrong)).toThrow(RangeError);
  });
});

describe('digest as text', () => {
  it('comes back as it went, also when it is a difference', () => {
    const half = fc.bigInt(0n, 2n ** 64n - 1n);
    const digest = fc.record({ count: fc.maxSafeInteger(), high: half, low: half });
    fc.assert(
      fc.property(digest, (value) => {
        expect(parseDigest(formatDigest(value))).toEqual(value);
      }),
    );
    expect(formatDigest(emptyDigest)).toBe(`0:${'0'.repeat(32)}`);
  });

  it.each([
    '',
    ':',
    `1${'0'.repeat(32)}`,
    `01:${'0'.repeat(32)}`,
    `-0:${'0'.repeat(32)}`,
    `1.5:${'0'.repeat(32)}`,
    `9007199254740992:${'0'.repeat(32)}`,
    `1:${'0'.repeat(31)}`,
    `1:${'0'.repeat(33)}`,
    `1:${'F'.repeat(32)}`,
    `1:${'0'.repeat(32)}\n`,
  ])('refuses %j', (text) => expect(parseDigest(text)).toBeNull());
});

describe('DigestDelta', () => {
  it('adds up to the same as the pure functions', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), checksum), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (list) => {
        const delta = new DigestDelta();
        let digest = emptyDigest;
        for (const [adds, one] of list) {
          if (adds) delta.add(one);
          else delta.remove(one);
          digest = adds ? addToDigest(digest, one) : removeFromDigest(digest, one);
        }
        expect(delta.digest()).toEqual(digest);
      }),
    );
  });

  it('carries from the lowest word to the highest of a half, and no further', () => {
    const delta = new DigestDelta();
    delta.add(bytes('0000000000000000ffffffffffffffff'));
    delta.add(bytes('00000000000000000000000000000001'));
    expect(delta.digest()).toEqual({ count: 2, high: 0n, low: 0n });
    delta.remove(bytes('00000000000000010000000000000001'));
    expect(delta.digest()).toEqual({ count: 1, high: 2n ** 64n - 1n, low: 2n ** 64n - 1n });
    delta.remove(bytes('ffffffffffffffffffffffffffffffff'));
    expect(delta.digest()).toEqual(emptyDigest);
  });

  it('moves a stored digest from one set to the next', () => {
    fc.assert(
      fc.property(checksums, checksums, checksums, (kept, gone, come) => {
        const delta = new DigestDelta();
        for (const one of gone) delta.remove(one);
        for (const one of come) delta.add(one);
        expect(sumDigests(digestOf([...kept, ...gone]), delta.digest())).toEqual(
          digestOf([...kept, ...come]),
        );
      }),
    );
  });
});

function bytes(hex: string): Uint8Array {
  return hexToBytes(hex)!;
}
