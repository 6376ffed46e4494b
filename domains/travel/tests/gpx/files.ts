/** GPX files of the tests' own, and streams of them. */

import type { Gpx } from '../../src/gpx/gpx.ts';
import { GPX_LIMITS, type GpxLimits } from '../../src/gpx/limits.ts';
import { readGpx } from '../../src/gpx/read-gpx.ts';

export interface WrittenPoint {
  readonly latitude: number;
  readonly longitude: number;
  readonly elevation?: number | null;
  /** Milliseconds since 1970. */
  readonly time?: number | null;
}

export type WrittenTrack = readonly (readonly WrittenPoint[])[];

const NAMESPACE = 'http://www.topografix.com/GPX/1/1';

export const gpxText = (content: string, attributes = 'creator="a hand"'): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" xmlns="${NAMESPACE}" ${attributes}>${content}</gpx>`;

export const trackText = (track: WrittenTrack, head = ''): string =>
  `<trk>${head}${track.map((points) => `<trkseg>${points.map((point) => pointText('trkpt', point)).join('\n')}</trkseg>`).join('')}</trk>`;

export const routeText = (points: readonly WrittenPoint[], head = ''): string =>
  `<rte>${head}${points.map((point) => pointText('rtept', point)).join('')}</rte>`;

function pointText(name: string, { latitude, longitude, elevation, time }: WrittenPoint): string {
  const height = typeof elevation === 'number' ? `<ele>${elevation}</ele>` : '';
  const moment = typeof time === 'number' ? `<time>${new Date(time).toISOString()}</time>` : '';
  return `<${name} lat="${latitude}" lon="${longitude}">${height}${moment}</${name}>`;
}

export async function* streamOf<T extends string | Uint8Array>(...pieces: readonly T[]): AsyncGenerator<T> {
  yield* pieces;
}

/** Byte by byte where asked, so that nothing may depend on how a file is cut into pieces. */
export function bytesOf(
  text: string | Uint8Array,
  pieceLength = Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += pieceLength)
    pieces.push(bytes.subarray(start, Math.min(bytes.length, start + pieceLength)));
  return streamOf(...pieces);
}

export async function read(text: string | Uint8Array, limits: GpxLimits = GPX_LIMITS): Promise<Gpx> {
  const result = await readGpx(bytesOf(text), limits);
  if (!result.ok) throw new Error(result.message);
  return result.gpx;
}

/** The sentence that refuses the file. */
export async function refusalOf(
  file: string | Uint8Array | AsyncIterable<Uint8Array | string>,
  limits: Partial<GpxLimits> = {},
): Promise<string> {
  const stream = typeof file === 'string' || file instanceof Uint8Array ? bytesOf(file) : file;
  const result = await readGpx(stream, { ...GPX_LIMITS, ...limits });
  return result.ok ? 'not refused' : result.message;
}
