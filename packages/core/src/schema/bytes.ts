// Bytes as text and back: hex for checksums that people read, base64url (no padding) for tokens.
// Promise: encoders are total; decoders answer null for anything that no encoder here could have written, so one value
// has one text. Written out because browsers and Node share no built-in for all of it yet.

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const HEX_TEXT = /^(?:[0-9a-f]{2})*$/;

/** Lower-case hex, two digits a byte. */
export function bytesToHex(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += HEX[bytes[i]!];
  return text;
}

/** The bytes of a lower-case hex text, else null. */
export function hexToBytes(text: string): Uint8Array | null {
  if (!HEX_TEXT.test(text)) return null;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const SEXTETS = new Map(Array.from(ALPHABET, (letter, sextet) => [letter.charCodeAt(0), sextet]));

/** base64url of RFC 4648 §5, without padding. */
export function bytesToBase64Url(bytes: Uint8Array): string {
  let text = '';
  let pending = 0;
  let pendingBits = 0;
  for (let i = 0; i < bytes.length; i++) {
    pending = ((pending << 8) | bytes[i]!) & 0xffff;
    pendingBits += 8;
    while (pendingBits >= 6) {
      pendingBits -= 6;
      text += ALPHABET[(pending >> pendingBits) & 63];
    }
  }
  return pendingBits > 0 ? text + ALPHABET[(pending << (6 - pendingBits)) & 63] : text;
}

/** The bytes of a base64url text without padding, else null; also null when its unused last bits are not zero. */
export function base64UrlToBytes(text: string): Uint8Array | null {
  if (text.length % 4 === 1) return null;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let filled = 0;
  let pending = 0;
  let pendingBits = 0;
  for (let i = 0; i < text.length; i++) {
    const sextet = SEXTETS.get(text.charCodeAt(i));
    if (sextet === undefined) return null;
    pending = ((pending << 6) | sextet) & 0xffff;
    pendingBits += 6;
    if (pendingBits >= 8) {
      pendingBits -= 8;
      bytes[filled++] = pending >> pendingBits;
    }
  }
  return (pending & ((1 << pendingBits) - 1)) === 0 ? bytes : null;
}
