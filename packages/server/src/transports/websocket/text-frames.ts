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
  readonly plain: FrameRow;
  /** With what pays compressed, for sockets that take that; made when it is first asked for. */
  readonly compressed: () => FrameRow;
}

export interface FrameRow {
  readonly bytes: Uint8Array;
  /** Where each frame ends. */
  readonly ends: readonly number[];
}

const TEXT = 0x81;
const COMPRESSED = 0x40;
/** What ends a flush, and is left out on the line. */
const TAIL_BYTES = 4;

export function textFrames(payloads: readonly Uint8Array[]): TextFrames {
  const plain = rowOf(payloads.map((payload) => ({ first: TEXT, payload })));
  let compressed: FrameRow | null = null;
  return {
    payloads,
    plain,
    compressed() {
      compressed ??= payloads.some(pays) ? rowOf(payloads.map(smaller)) : plain;
      return compressed;
    },
  };
}

/** What is left of a row without some of its frames: pieces of it, as long as they can be. */
export function piecesOf({ bytes, ends }: FrameRow, leftOut: ReadonlySet<number>): Uint8Array[] {
  if (leftOut.size === 0) return [bytes];
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const at of [...leftOut].sort((a, b) => a - b)) {
    const start = at === 0 ? 0 : (ends[at - 1] ?? 0);
    if (start > from) pieces.push(bytes.subarray(from, start));
    from = ends[at] ?? from;
  }
  if (from < bytes.byteLength) pieces.push(bytes.subarray(from));
  return pieces;
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

function rowOf(frames: readonly Frame[]): FrameRow {
  const length = frames.reduce(
    (sum, { payload: { byteLength } }) => sum + headerLength(byteLength) + byteLength,
    0,
  );
  const bytes = Buffer.allocUnsafeSlow(length);
  const ends: number[] = [];
  let at = 0;
  for (const { first, payload } of frames) {
    at = writeHeader(bytes, at, first, payload.byteLength);
    bytes.set(payload, at);
    at += payload.byteLength;
    ends.push(at);
  }
  return { bytes, ends };
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
