/**
 * The totals of a GPX file, named as the fields of a GPXTrack. Its tracks count where it has any, else its routes,
 * which have no times; of a file that has only waypoints there is nothing to sum up but their number.
 */
import { formatInstant } from '@ackord/core';
import { type Figures, figuresOf } from './figures.ts';
import { type Gpx, waysOf } from './gpx.ts';

export interface GpxTotals {
  readonly name: string | null;
  readonly creator: string | null;
  /** Metres, never across the gap between two segments. */
  readonly totalDistance: number;
  /** Seconds: of each segment, from its first to its last time, without steps back. null without times. */
  readonly totalDuration: number | null;
  /** Metres per second: the way that was gone in that time, by it. */
  readonly averageSpeed: number | null;
  readonly maxSpeed: number | null;
  /** Metres; null without elevations. */
  readonly elevationGain: number | null;
  readonly elevationLoss: number | null;
  readonly minElevation: number | null;
  readonly maxElevation: number | null;
  readonly totalPoints: number;
  /** ISO, with milliseconds and "Z"; the earliest and the latest time of all. */
  readonly startTime: string | null;
  readonly endTime: string | null;
}

export function totalsOf(gpx: Gpx): GpxTotals {
  const ways = waysOf(gpx);
  const segments = ways.flatMap((way) => way.segments);
  const figures = segments.map((segment) => figuresOf(gpx.points, segment));
  // Where no time passed there was no speed; where there are no times the way says nothing about it either.
  const timed = figures.filter(({ duration }) => duration !== null && duration > 0);
  const totalDuration = sum(figures, 'duration');
  const timedDuration = sum(timed, 'duration');
  return {
    name: gpx.name ?? ways.find(({ name }) => name !== null)?.name ?? null,
    creator: gpx.creator,
    totalDistance: sum(figures, 'distance') ?? 0,
    totalDuration,
    averageSpeed: timedDuration === null ? null : (sum(timed, 'timedDistance') ?? 0) / timedDuration,
    maxSpeed: pick(figures, 'maxSpeed', Math.max),
    elevationGain: sum(figures, 'elevationGain'),
    elevationLoss: sum(figures, 'elevationLoss'),
    minElevation: pick(figures, 'minElevation', Math.min),
    maxElevation: pick(figures, 'maxElevation', Math.max),
    totalPoints:
      ways.length === 0 ? gpx.waypointCount : segments.reduce((count, { from, to }) => count + to - from, 0),
    startTime: instant(pick(figures, 'earliest', Math.min)),
    endTime: instant(pick(figures, 'latest', Math.max)),
  };
}

/** Of those that are known; null when none is. */
const pick = (figures: readonly Figures[], key: keyof Figures, choose: (a: number, b: number) => number) =>
  figures.reduce<number | null>((chosen, { [key]: value }) => {
    if (value === null) return chosen;
    return chosen === null ? value : choose(chosen, value);
  }, null);

const sum = (figures: readonly Figures[], key: keyof Figures): number | null =>
  pick(figures, key, (a, b) => a + b);

const instant = (time: number | null): string | null => (time === null ? null : formatInstant(time));
