import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex } from './bytes.ts';
import { recordChecksum, sha256OfText } from './checksum.ts';

const trip = {
  type: 'travel.Trip',
  id: '0b7e4b52-6c1d-4f6e-9a55-3d0c2f100000',
  version: 3,
  fields: { title: 'Ünterwegs am Kanal', isPublic: false, endDate: null, tagIds: ['b', 'a'], rating: 4.5 },
};

/** A platform hash may cut its answers from a shared pool, so that they do not start at byte 0 of their buffer. */
const nativeHash = (text: string): Uint8Array => {
  const pool = Buffer.alloc(100);
  createHash('sha256').update(text).digest().copy(pool, 40);
  return pool.subarray(40, 72);
};

describe('recordChecksum', () => {
  // Both were computed with another language's SHA-256 and JSON writer.
  it.each([
    [trip, 'b53399832b14ab7eee7195912bdefb4a'],
    [{ type: 'travel.Tag', id: 't', version: 1, fields: {} }, 'a266cec62a82c102d5fb4d97dbbcfe56'],
  ])('known vector %#', (record, hex) => {
    expect(bytesToHex(recordChecksum(record))).toBe(hex);
    expect(bytesToHex(recordChecksum(record, nativeHash))).toBe(hex);
  });

  it('is the same with a platform hash, byte for byte and in type', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (fields) => {
        expect(recordChecksum({ ...trip, fields }, nativeHash)).toStrictEqual(
          recordChecksum({ ...trip, fields }),
        );
      }),
    );
  });

  it('sees every part, and nothing but those four', () => {
    const checksum = bytesToHex(recordChecksum(trip));
    for (const other of [
      { ...trip, type: 'travel.Memory' },
      { ...trip, id: `${trip.id}0` },
      { ...trip, version: 4 },
      { ...trip, fields: { ...trip.fields, tagIds: ['a', 'b'] } },
    ]) {
      expect(bytesToHex(recordChecksum(other))).not.toBe(checksum);
    }
    const stored = { ...trip, seq: 17, updatedAt: '2024-06-01T00:00:00.000Z' };
    expect(bytesToHex(recordChecksum(stored))).toBe(checksum);
  });
});

describe('sha256OfText', () => {
  // FIPS 180-2, appendix B
  it.each([
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
  ])('%s', (text, hex) => expect(bytesToHex(sha256OfText(text))).toBe(hex));
});
