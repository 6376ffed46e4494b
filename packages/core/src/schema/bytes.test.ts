import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64UrlToBytes, bytesToBase64Url, bytesToHex, hexToBytes } from './bytes.ts';

const anyBytes = fc.uint8Array({ maxLength: 100 });

describe('hex', () => {
  it('is lower case, two digits a byte', () => {
    expect(bytesToHex(Uint8Array.of(0, 15, 16, 255))).toBe('000f10ff');
    expect(bytesToHex(new Uint8Array())).toBe('');
  });

  it('comes back as it went', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(hexToBytes(bytesToHex(bytes))).toEqual(bytes);
      }),
    );
  });

  it.each(['0', '0g', 'AB', ' 00', '00\n', '0x00'])('refuses %j', (text) => {
    expect(hexToBytes(text)).toBeNull();
  });
});

describe('base64url', () => {
  // RFC 4648 §10, without the padding
  it.each([
    ['', ''],
    ['f', 'Zg'],
    ['fo', 'Zm8'],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg'],
    ['fooba', 'Zm9vYmE'],
    ['foobar', 'Zm9vYmFy'],
  ])('%j is written as %j', (text, encoded) => {
    expect(bytesToBase64Url(new TextEncoder().encode(text))).toBe(encoded);
  });

  it('uses the letters of URLs', () => {
    expect(bytesToBase64Url(Uint8Array.of(0xfb, 0xff, 0xfe))).toBe('-__-');
  });

  it('writes what the platform writes, and comes back as it went', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const text = bytesToBase64Url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64url'));
        expect(base64UrlToBytes(text)).toEqual(bytes);
      }),
    );
  });

  it.each(['A', 'Zg==', 'Zh', 'Zm9', 'Z g', 'Zm+v', 'Zm/v', 'Zm9vé', '\ud800aaa'])('refuses %j', (text) => {
    expect(base64UrlToBytes(text)).toBeNull();
  });

  it('has one text for one value', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), (text) => {
        const bytes = base64UrlToBytes(text);
        if (bytes !== null) expect(bytesToBase64Url(bytes)).toBe(text);
      }),
    );
  });
});
