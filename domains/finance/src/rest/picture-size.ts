/**
 * What a picture is by its first bytes, and how large it would be when decoded: looked at before anything is decoded,
 * since a few hundred bytes can stand for gigabytes. null: it is neither PNG nor JPEG, or too broken to tell.
 */
import { promisify } from 'node:util';
import { inflate } from 'node:zlib';

export interface PictureSize {
  readonly format: 'png' | 'jpeg';
  readonly width: number;
  readonly height: number;
}

export function pictureSize(bytes: Buffer): PictureSize | null {
  const size = bytes.subarray(0, 8).equals(PNG_SIGNATURE) ? pngSize(bytes) : jpegSize(bytes);
  return size && size.width > 0 && size.height > 0 ? size : null;
}

/**
 * Does its content fit the size that it declares, and can it be read in few passes? Else a decoder would take memory
 * or time without end.
 */
export async function isHonest(bytes: Buffer, { format, width, height }: PictureSize): Promise<boolean> {
  return format === 'png' ? pixelsFit(bytes, width, height) : countScans(bytes) <= SCANS_MAX;
}

const inflated = promisify<Buffer, { maxOutputLength: number }, Buffer>(inflate);

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function pngSize(bytes: Buffer): PictureSize | null {
  if (bytes.length < 33 || bytes.readUInt32BE(8) !== 13 || bytes.toString('latin1', 12, 16) !== 'IHDR')
    return null;
  return { format: 'png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** Eight bytes a pixel are the most that there are; each row has a byte more, in each of seven passes. */
async function pixelsFit(bytes: Buffer, width: number, height: number): Promise<boolean> {
  const parts: Buffer[] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  try {
    const maxOutputLength = width * height * 8 + height * 7;
    return (await inflated(Buffer.concat(parts), { maxOutputLength })).length > 0;
  } catch {
    return false;
  }
}

/** Frames of all kinds of coding; the three between them are tables. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

const START_OF_SCAN = 0xda;

function jpegSize(bytes: Buffer): PictureSize | null {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return null;
  for (let at = 2; at + 9 < bytes.length; ) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === START_OF_SCAN) return null;
    if (isFrame(marker))
      return { format: 'jpeg', height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}

/** Cameras make one scan, or some ten; each goes over all pixels, and takes but a few bytes. */
const SCANS_MAX = 64;

function countScans(bytes: Buffer): number {
  const mark = Buffer.from([0xff, START_OF_SCAN]);
  let scans = 0;
  for (let at = bytes.indexOf(mark); at >= 0 && scans <= SCANS_MAX; at = bytes.indexOf(mark, at + 2))
    scans += 1;
  return scans;
}
