/**
 * Text frames as they lie on the line (RFC 6455, from the server, so without a mask): made once, and given as they are
 * to every socket that gets the same. A frame costs a socket then nothing but its share of one write, and large ones
 * are compressed once for all (RFC 7692; no socket keeps a context, so the bytes are the same for each).
 */
import { constants, deflateRawSync } from 'node:zlib';
import { LIMITS } from '@ackord/core';

/** Payloads, and the same ones as frames in a row. */
export interface TextFrames {
  readonly payloads: readonly Uint8Array[];
  readonly bytes: Uint8Array;
  /** With what pays compressed, for sockets that take that; made when it is first asked for. */
  readonly compressed: () => Uint8Array;
}

const TEXT = 0x81;
const COMPRESSED = 0x40;
/** What ends a flush, and is left out on the line. */
const TAIL_BYTES = 4;

export function textFrames(payloads: readonly Uint8Array[]): TextFrames {
  const bytes = framesOf(payloads.map((payload) => ({ first: TEXT, payload })));
  let compressed: Uint8Array | null = null;
  return {
    payloads,
    bytes,
    compressed() {
      compressed ??= payloads.some(pays) ? framesOf(payloads.map(smaller)) : bytes;
      return compressed;
    },
  };
}

const pays = ({ byteLength }: Uint8Array): boolean => byteLength >= LIMITS.compressBytesMin;

interface Frame {
  readonly first: number;
  readonly payload: Uint8Array;
}

function smaller(payload: Uint8Array): Frame {
  if (!pays(payload)) return { first: TEXT, payload };
  const flushed = deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH });
  return { first: TEXT | COMPRESSED, payload: flushed.subarray(0, flushed.byteLength - TAIL_BYTES) };
}

function framesOf(frames: readonly Frame[]): Uint8Array {
  const length = frames.reduce(
    (sum, { payload: { byteLength } }) => sum + headerLength(byteLength) + byteLength,
    0,
  );
  const bytes = Buffer.allocUnsafeSlow(length);
  let at = 0;
  for (const { first, payload } of frames) {
    at = writeHeader(bytes, at, first, payload.byteLength);
    bytes.set(payload, at);
    at += payload.byteLength;
  }
  return bytes;
}

const headerLength = (length: number): number => (length < 126 ? 2 : length < 65_536 ? 4 : 10);

function writeHeader(bytes: Buffer, at: number, first: number, length: number): number {
  bytes[at] = first;
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
