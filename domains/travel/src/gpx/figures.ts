/**
 * The figures of a range of points, in one pass: distances, times, heights and speeds. Metres, seconds, and
 * milliseconds since 1970. A range is never read across: what happens between two ranges is nobody's way.
 */
import type { GpxSegment } from './gpx.ts';
import type { PointList } from './point-list.ts';

export interface Figures {
  readonly distance: number;
  /** From the first time to the last one; steps back in time are left out. null without two times. */
  readonly duration: number | null;
  /** Of `distance`, what was gone in that duration. */
  readonly timedDistance: number;
  readonly maxSpeed: number | null;
  /** null without an elevation. Points without one are bridged. */
  readonly elevationGain: number | null;
  readonly elevationLoss: number | null;
  readonly minElevation: number | null;
  readonly maxElevation: number | null;
  readonly earliest: number | null;
  readonly latest: number | null;
}

/** Metres per second; null where no time passed. */
export const averageSpeed = ({ duration, timedDistance }: Figures): number | null =>
  duration !== null && duration > 0 ? timedDistance / duration : null;

export function figuresOf(points: PointList, { from, to }: GpxSegment): Figures {
  const heights = createHeights();
  const pace = createPace();
  let distance = 0;
  for (let index = from; index < to; index += 1) {
    const { elevation, time, step } = points.at(index);
    // The first point's step leads to it from outside of the range.
    const way = index === from ? 0 : step;
    distance += way;
    pace.add(way, time);
    if (elevation !== null) heights.add(elevation);
  }
  return { distance, ...pace.figures(), ...heights.figures() };
}

function createHeights() {
  let last: number | null = null;
  let [gain, loss] = [0, 0];
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return {
    add(elevation: number): void {
      if (last !== null && elevation > last) gain += elevation - last;
      if (last !== null && elevation < last) loss += last - elevation;
      min = Math.min(min, elevation);
      max = Math.max(max, elevation);
      last = elevation;
    },
    figures: () =>
      last === null
        ? { elevationGain: null, elevationLoss: null, minElevation: null, maxElevation: null }
        : { elevationGain: gain, elevationLoss: loss, minElevation: min, maxElevation: max },
  };
}

/**
 * Devices repeat a time, and recordings that were joined go back in it. A step that takes no time counts for the speed
 * of the next one that does, else of the last one that did, so that no speed is infinite, no way is lost and the fastest
 * is never slower than the average; a step back is a cut, in which neither time nor way counts.
 */
function createPace() {
  let last: number | null = null;
  let earliest: number | null = null;
  let latest: number | null = null;
  let maxSpeed: number | null = null;
  let duration: number | null = null;
  let timedDistance = 0;
  /** Metres since the last point with a time, and since the last one with another time. */
  let [untimed, instantly] = [0, 0];
  let lastStep: { readonly way: number; readonly milliseconds: number } | null = null;
  const gone = (way: number, milliseconds: number): void => {
    maxSpeed = Math.max(maxSpeed ?? 0, (way * 1_000) / milliseconds);
    lastStep = { way, milliseconds };
    instantly = 0;
  };
  const cut = (): void => {
    if (lastStep) gone(lastStep.way + instantly, lastStep.milliseconds);
    else timedDistance -= instantly;
    instantly = 0;
    lastStep = null;
  };
  const step = (time: number, since: number): void => {
    if (time < since) {
      cut();
      return;
    }
    duration = (duration ?? 0) + (time - since) / 1_000;
    timedDistance += untimed;
    instantly += untimed;
    if (time > since) gone(instantly, time - since);
  };
  return {
    add(way: number, time: number | null): void {
      untimed += way;
      if (time === null) return;
      earliest = earliest === null ? time : Math.min(earliest, time);
      latest = latest === null ? time : Math.max(latest, time);
      if (last !== null) step(time, last);
      untimed = 0;
      last = time;
    },
    figures() {
      cut();
      return { duration, timedDistance, maxSpeed, earliest, latest };
    },
  };
}
