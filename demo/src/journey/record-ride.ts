/**
 * A ride from one place to the next as a phone would have recorded it: a point every 150 metres or so, on a way that
 * bends and rises, at the speed of loaded bicycles, with one rest. Made up, but nothing in it is impossible.
 */
import { distanceMeters, type Position } from '../geo/distance.ts';
import type { TrackPoint } from '../geo/track-totals.ts';
import type { Random } from './random.ts';

export interface Ride {
  readonly from: Position & { readonly elevation: number };
  readonly to: Position & { readonly elevation: number };
  /** How far the way rises and falls beside the climb between its ends, in metres. */
  readonly relief: number;
  /** Milliseconds since 1970. */
  readonly start: number;
}

const POINT_METERS = 150;
/** Metres a second, on the flat. */
const FLAT_SPEED = 5;
/** A way bends aside by up to this part of its length. */
const BEND = 0.06;

/** The two segments before and after the rest. */
export function recordRide(ride: Ride, random: Random): TrackPoint[][] {
  const { from, to, relief } = ride;
  const steps = Math.max(8, Math.round(distanceMeters(from, to) / POINT_METERS));
  const bends = waves(random, 4);
  const hills = waves(random, 6);
  const rest = Math.floor(steps * (0.4 + random.next() * 0.2));
  const segments: TrackPoint[][] = [[], []];
  let time = ride.start;
  let before: (Position & { elevation: number }) | null = null;
  for (let step = 0; step <= steps; step++) {
    const done = step / steps;
    const here = {
      ...bentAside(from, to, done, bends(done) * BEND),
      // Slow at both ends and steep between them, as roads to a pass are.
      elevation: from.elevation + (to.elevation - from.elevation) * smooth(done) + relief * hills(done),
    };
    if (before) time += secondsBetween(before, here) * (950 + random.next() * 100);
    if (step <= rest) segments[0]?.push({ ...here, time: Math.round(time) });
    // Where the recording stopped it goes on, so nothing of the way is lost.
    if (step === rest) time += random.between(10, 40) * 60_000;
    if (step >= rest) segments[1]?.push({ ...here, time: Math.round(time) });
    before = here;
  }
  return segments;
}

/** Uphill takes longer, downhill less. */
function secondsBetween(
  from: Position & { elevation: number },
  to: Position & { elevation: number },
): number {
  const meters = distanceMeters(from, to);
  const slope = meters === 0 ? 0 : (to.elevation - from.elevation) / meters;
  const speed = FLAT_SPEED / Math.min(3, Math.max(0.5, 1 + slope * 12));
  return meters / speed;
}

/** A curve from 0 to 1 and back to 0 that stays between -1 and 1: nothing at both ends, anything between. */
function waves(random: Random, count: number): (done: number) => number {
  const parts = Array.from({ length: count }, (_, at) => ({
    turns: at + 1,
    weight: (random.next() * 2 - 1) / count,
  }));
  return (done) =>
    parts.reduce((sum, { turns, weight }) => sum + weight * Math.sin(Math.PI * turns * done), 0);
}

const smooth = (done: number): number => done * done * (3 - 2 * done);

function bentAside(from: Position, to: Position, done: number, aside: number): Position {
  const [north, east] = [to.latitude - from.latitude, to.longitude - from.longitude];
  return {
    latitude: from.latitude + north * done + east * aside,
    longitude: from.longitude + east * done - north * aside,
  };
}
