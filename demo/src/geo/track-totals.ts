/**
 * What a recorded way adds up to: length, time, speed, height. Input are its segments; between two segments nobody was
 * recording, so the gap counts for nothing. What can't be known (no times, no heights) is null, never zero.
 */
import { distanceMeters, type Position } from './distance.ts';

export interface TrackPoint extends Position {
  /** Metres above the sea. */
  readonly elevation: number | null;
  /** Milliseconds since 1970. */
  readonly time: number | null;
}

export interface TrackTotals {
  readonly points: number;
  readonly distanceMeters: number;
  /** Milliseconds since 1970, the earliest and the latest. */
  readonly startTime: number | null;
  readonly endTime: number | null;
  /** From the earliest to the latest time, rests included. */
  readonly durationSeconds: number | null;
  /** Metres a second. */
  readonly averageSpeed: number | null;
  readonly maxSpeed: number | null;
  readonly elevationGainMeters: number | null;
  readonly elevationLossMeters: number | null;
  readonly minElevation: number | null;
  readonly maxElevation: number | null;
}

type Segments = readonly (readonly TrackPoint[])[];

/** Heights of GPS receivers tremble: a climb counts when it has come this far. */
const CLIMB_METERS_MIN = 3;
/** Below this, the error of the position makes up the speed. */
const SPEED_SECONDS_MIN = 1;

export function trackTotals(segments: Segments): TrackTotals {
  const distance = sum(segments.map(lengthOf));
  const times = segments.flatMap((points) => points.flatMap(({ time }) => time ?? []));
  const [startTime, endTime] = [least(times), greatest(times)];
  const duration = startTime !== null && endTime !== null && times.length > 1 ? endTime - startTime : null;
  const durationSeconds = duration === null ? null : duration / 1000;
  return {
    points: sum(segments.map(({ length }) => length)),
    distanceMeters: distance,
    startTime,
    endTime,
    durationSeconds,
    averageSpeed: durationSeconds ? distance / durationSeconds : null,
    maxSpeed: greatest(segments.flatMap(speedsOf)),
    ...climbs(segments),
  };
}

const lengthOf = (points: readonly TrackPoint[]): number =>
  sum(steps(points).map(([from, to]) => distanceMeters(from, to)));

function speedsOf(points: readonly TrackPoint[]): number[] {
  return steps(points).flatMap(([from, to]) => {
    if (from.time === null || to.time === null) return [];
    const seconds = (to.time - from.time) / 1000;
    return seconds >= SPEED_SECONDS_MIN ? [distanceMeters(from, to) / seconds] : [];
  });
}

/** Each height is held until the track has left it by enough; what was held and what comes next make a climb. */
function climbs(segments: Segments) {
  const heights = segments.map((points) => points.flatMap(({ elevation }) => elevation ?? []));
  const all = heights.flat();
  if (all.length === 0) {
    return { elevationGainMeters: null, elevationLossMeters: null, minElevation: null, maxElevation: null };
  }
  let [gain, loss] = [0, 0];
  for (const of of heights) {
    let held = of[0] ?? 0;
    for (const height of of) {
      const climb = height - held;
      if (Math.abs(climb) < CLIMB_METERS_MIN) continue;
      if (climb > 0) gain += climb;
      else loss -= climb;
      held = height;
    }
  }
  return {
    elevationGainMeters: gain,
    elevationLossMeters: loss,
    minElevation: least(all),
    maxElevation: greatest(all),
  };
}

const steps = (points: readonly TrackPoint[]): (readonly [TrackPoint, TrackPoint])[] =>
  points.slice(1).map((to, at) => [points[at] as TrackPoint, to]);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** A long track has more points than a call can have arguments, so not by Math.min. */
const least = (numbers: readonly number[]): number | null =>
  numbers.reduce<number | null>((best, number) => (best === null || number < best ? number : best), null);

const greatest = (numbers: readonly number[]): number | null =>
  numbers.reduce<number | null>((best, number) => (best === null || number > best ? number : best), null);
