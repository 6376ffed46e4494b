/**
 * The segments of a GPX file, in parts that fit into a record each. A part begins with the last point of the one
 * before, so that drawn together they are one line and their distances add up to that of the segment.
 */
import { formatInstant, LIMITS } from '@ackord/core';
import { averageSpeed, figuresOf } from './figures.ts';
import { type Gpx, waysOf } from './gpx.ts';
import type { PointList } from './point-list.ts';

/** Latitude, longitude, elevation in metres, milliseconds since 1970. */
export type PointRow = readonly [number, number, number | null, number | null];

export interface GpxSegmentPart {
  /** Which segment of the file it belongs to, from 0. */
  readonly segment: number;
  /** ISO; null without times. Never end before start. */
  readonly startDate: string | null;
  readonly endDate: string | null;
  /** Metres. */
  readonly distance: number;
  /** Metres per second; null without times. */
  readonly averageSpeed: number | null;
  readonly maxSpeed: number | null;
  /** Metres; null without elevations. */
  readonly elevationGain: number | null;
  readonly elevationLoss: number | null;
  readonly points: readonly PointRow[];
}

/** One part at a time, for a long file has a million points. */
export function* segmentsOf(
  gpx: Gpx,
  partPointsMax: number = LIMITS.trackPointsPerRecordMax,
): Generator<GpxSegmentPart, void, undefined> {
  let segment = 0;
  for (const { from: start, to: end } of waysOf(gpx).flatMap((way) => way.segments)) {
    let from = start;
    do {
      const to = Math.min(end, from + Math.max(2, partPointsMax));
      yield partOf(gpx.points, segment, from, to);
      from = to === end ? end : to - 1;
    } while (from < end);
    segment += 1;
  }
}

function partOf(points: PointList, segment: number, from: number, to: number): GpxSegmentPart {
  const figures = figuresOf(points, { from, to });
  const { earliest, latest, distance, maxSpeed, elevationGain, elevationLoss } = figures;
  return {
    segment,
    startDate: earliest === null ? null : formatInstant(earliest),
    endDate: latest === null ? null : formatInstant(latest),
    distance,
    averageSpeed: averageSpeed(figures),
    maxSpeed,
    elevationGain,
    elevationLoss,
    points: rowsOf(points, from, to),
  };
}

function rowsOf(points: PointList, from: number, to: number): PointRow[] {
  const rows: PointRow[] = [];
  for (let index = from; index < to; index += 1) {
    const { latitude, longitude, elevation, time } = points.at(index);
    rows.push([latitude, longitude, elevation, time]);
  }
  return rows;
}
