/**
 * Text frames as they lie on the line (RFC 6455, from the server, so without a mask): made once, and given as they are
 * to every socket that gets the same. A frame costs a socket then nothing but its share of one write.
 */

/** Payloads, and the same ones as frames in a row. */
export interface TextFrames {
  readonly payloads: readonly Uint8Array[];
  readonly bytes: Uint8Array;
}

const TEXT = 0x81;

export function textFrames(payloads: readonly Uint8Array[]): TextFrames {
  const length = payloads.reduce((sum, { byteLength }) => sum + headerLength(byteLength) + byteLength, 0);
  const bytes = Buffer.allocUnsafeSlow(length);
  let at = 0;
  for (const payload of payloads) {
    at = writeHeader(bytes, at, payload.byteLength);
    bytes.set(payload, at);
    at += payload.byteLength;
  }
  return { payloads, bytes };
}

const headerLength = (length: number): number => (length < 126 ? 2 : length < 65_536 ? 4 : 10);

function writeHeader(bytes: Buffer, at: number, length: number): number {
  bytes[at] = TEXT;
  if (length < 126) {
    bytes[at + 1] = length;
    return at + 2;
  }
  if (length < 65_536) {
    bytes[at + 1] = 126;
    return bytes.writeUInt16BE(length, at + 2);
  }
  bytes[at + 1] = 127;
  return bytes.writeBigUInt64BE(BigInt(length), at + 2);
}
