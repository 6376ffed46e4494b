/** Against sums of the test's own, over distances of a geodesic library. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exactMeters } from '../../tests/gpx/exact.ts';
import {
  gpxText,
  read,
  routeText,
  trackText,
  type WrittenPoint,
  type WrittenTrack,
} from '../../tests/gpx/files.ts';
import { segmentsOf } from './segments.ts';
import { totalsOf } from './totals.ts';

const START = Date.UTC(2024, 5, 1, 8);
const pairs = <T>(list: readonly T[]): [T, T][] =>
  list.slice(1).map((item, index) => [list[index] as T, item]);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** A walk whose clock only goes forward; some points lack a time, some an elevation. */
const walk = fc
  .tuple(
    fc.record({
      latitude: fc.double({ min: -85, max: 85, noNaN: true }),
      longitude: fc.double({ min: -180, max: 180, noNaN: true }),
    }),
    fc.array(
      fc.record({
        north: fc.double({ min: -0.05, max: 0.05, noNaN: true }),
        east: fc.double({ min: -0.05, max: 0.05, noNaN: true }),
        elevation: fc.option(fc.integer({ min: -400, max: 8_800 })),
        seconds: fc.option(fc.integer({ min: 0, max: 90 })),
      }),
      { maxLength: 40 },
    ),
  )
  .map(([from, steps]) => {
    let { latitude, longitude } = from;
    let time = START;
    return steps.map(({ north, east, elevation, seconds }): WrittenPoint => {
      latitude += north;
      longitude += east;
      if (longitude > 180) longitude -= 360;
      if (longitude < -180) longitude += 360;
      time += (seconds ?? 0) * 1_000;
      return { latitude, longitude, elevation, time: seconds === null ? null : time };
    });
  });
const tracks = fc.array(fc.array(walk, { maxLength: 4 }), { maxLength: 3 });

const distanceOf = (points: readonly WrittenPoint[]): number =>
  sum(pairs(points).map(([a, b]) => exactMeters(a, b)));

function expected(segments: WrittenTrack) {
  const elevations = segments.map((points) => points.flatMap(({ elevation }) => elevation ?? []));
  const climbs = elevations.flatMap((list) => pairs(list).map(([a, b]) => b - a));
  const all = elevations.flat();
  const durations = segments.map((points) => {
    const times = points.flatMap(({ time }) => time ?? []);
    return times.length < 2 ? null : ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1_000;
  });
  const known = durations.filter((duration) => duration !== null);
  const timedWays = segments.map((points) => {
    const first = points.findIndex(({ time }) => typeof time === 'number');
    const last = points.findLastIndex(({ time }) => typeof time === 'number');
    return distanceOf(points.slice(first, last + 1));
  });
  const timedWay = sum(timedWays.filter((_, index) => (durations[index] ?? 0) > 0));
  return {
    totalDistance: sum(segments.map(distanceOf)),
    totalDuration: known.length === 0 ? null : sum(known),
    averageSpeed: sum(known) > 0 ? timedWay / sum(known) : null,
    elevationGain: all.length === 0 ? null : sum(climbs.filter((climb) => climb > 0)),
    elevationLoss: all.length === 0 ? null : -sum(climbs.filter((climb) => climb < 0)),
    minElevation: all.length === 0 ? null : Math.min(...all),
    maxElevation: all.length === 0 ? null : Math.max(...all),
    totalPoints: sum(segments.map(({ length }) => length)),
  };
}

/** A millionth, which is ten thousand times better than promised; a hundredth of a millimetre near nothing. */
const same = (ours: unknown, theirs: unknown): boolean =>
  typeof ours === 'number' && typeof theirs === 'number'
    ? Math.abs(ours - theirs) <= 1e-6 * Math.abs(theirs) + 1e-5
    : ours === theirs;

test('totals of any tracks', async () => {
  await fc.assert(
    fc.asyncProperty(tracks, async (written) => {
      const totals = totalsOf(await read(gpxText(written.map((track) => trackText(track)).join(''))));
      for (const [name, value] of Object.entries(expected(written.flat())))
        if (!same(totals[name as keyof typeof totals], value))
          throw new Error(`${name}: ${totals[name as keyof typeof totals]}, expected ${value}`);
      const times = written.flat(2).flatMap(({ time }) => time ?? []);
      expect(totals.startTime).toBe(times.length === 0 ? null : new Date(Math.min(...times)).toISOString());
      expect(totals.endTime).toBe(times.length === 0 ? null : new Date(Math.max(...times)).toISOString());
      if (totals.maxSpeed !== null && totals.averageSpeed !== null)
        expect(totals.maxSpeed).toBeGreaterThanOrEqual(totals.averageSpeed * 0.999999);
    }),
    { numRuns: 300 },
  );
});

test('parts of segments add up to their totals, and draw the same line', async () => {
  await fc.assert(
    fc.asyncProperty(tracks, fc.integer({ min: 2, max: 9 }), async (written, partPointsMax) => {
      const gpx = await read(gpxText(written.map((track) => trackText(track)).join('')));
      const parts = [...segmentsOf(gpx, partPointsMax)];
      expect(same(sum(parts.map(({ distance }) => distance)), totalsOf(gpx).totalDistance)).toBe(true);
      const lines = written.flat().filter(({ length }) => length > 0);
      lines.forEach((line, segment) => {
        const mine = parts.filter((part) => part.segment === segment);
        const drawn = mine.flatMap(({ points }, index) => (index === 0 ? points : points.slice(1)));
        expect(drawn).toEqual(
          line.map(({ latitude, longitude, elevation, time }) => [
            latitude + 0,
            longitude + 0,
            elevation,
            time,
          ]),
        );
        for (const { points } of mine) expect(points.length).toBeLessThanOrEqual(partPointsMax);
      });
    }),
    { numRuns: 100 },
  );
});

test('a part of 5,000 points of the longest numbers is below 512 KB as JSON', async () => {
  const line = Array.from({ length: 5_001 }, (_, index) => ({
    latitude: -12.345678901234567 - index / 1e9,
    longitude: -123.45678901234567 + index / 1e9,
    elevation: -1.234567890123456e-7,
    time: -START - index,
  }));
  const parts = [...segmentsOf(await read(gpxText(trackText([line]))))];
  expect(parts.map(({ points }) => points.length)).toEqual([5_000, 2]);
  expect(Buffer.byteLength(JSON.stringify(parts[0]))).toBeLessThan(512 * 1024);
});

const at = (latitude: number, seconds: number | null): WrittenPoint => ({
  latitude,
  longitude: 8,
  time: seconds === null ? null : START + seconds * 1_000,
});
const meters = (from: number, to: number): number => exactMeters(at(from, 0), at(to, 0));

test('points with the same time: their way counts for the next step that takes time, else for the last', async () => {
  const totals = totalsOf(
    await read(gpxText(trackText([[at(1, 0), at(1.01, 0), at(1.02, 10), at(1.03, 10)]]))),
  );
  expect(totals.maxSpeed).toBeCloseTo(meters(1, 1.03) / 10, 3);
  expect(totals.averageSpeed).toBeCloseTo(meters(1, 1.03) / 10, 3);
  expect(totals.totalDuration).toBe(10);
  const between = [at(1, 0), at(1.01, 10), at(1.02, 10), at(1.03, 20)];
  expect(totalsOf(await read(gpxText(trackText([between])))).maxSpeed).toBeCloseTo(
    meters(1.01, 1.03) / 10,
    3,
  );
});

test('no time passed: no speed, a duration of nothing', async () => {
  const totals = totalsOf(await read(gpxText(trackText([[at(1, 0), at(2, 0)]]))));
  expect(totals).toMatchObject({ totalDuration: 0, averageSpeed: null, maxSpeed: null });
});

test('a step back in time is a cut; the end is never before the start', async () => {
  const joined = [at(1, 3_600), at(1.01, 3_610), at(1.5, 0), at(1.51, 20)];
  const totals = totalsOf(await read(gpxText(trackText([joined]))));
  expect(totals.totalDuration).toBe(30);
  expect(totals.averageSpeed).toBeCloseTo((meters(1, 1.01) + meters(1.5, 1.51)) / 30, 3);
  expect(totals.maxSpeed).toBeCloseTo(meters(1, 1.01) / 10, 3);
  expect(totals.totalDistance).toBeCloseTo(meters(1, 1.51), 3);
  expect(totals).toMatchObject({
    startTime: '2024-06-01T08:00:00.000Z',
    endTime: '2024-06-01T09:00:10.000Z',
  });
  const backwards = totalsOf(await read(gpxText(trackText([[at(1, 9), at(2, 5), at(3, 1)]]))));
  expect(backwards).toMatchObject({ totalDuration: null, averageSpeed: null, maxSpeed: null });
});

test('what has no times says nothing about the speed', async () => {
  const totals = totalsOf(
    await read(
      gpxText(
        trackText([
          [at(1, 0), at(1.1, 100)],
          [at(3, null), at(9, null)],
        ]),
      ),
    ),
  );
  expect(totals.averageSpeed).toBeCloseTo(meters(1, 1.1) / 100, 3);
});

test('tracks win over routes; routes count where there are none', async () => {
  const line = [at(1, 0), at(2, 10)];
  const both = totalsOf(
    await read(gpxText(routeText([at(5, 0), at(9, 1)]) + trackText([line], '<name>t</name>'))),
  );
  expect(both).toMatchObject({ totalPoints: 2, totalDuration: 10, name: 't', creator: 'a hand' });
  const route = totalsOf(await read(gpxText(routeText(line, '<name>r</name>'))));
  expect(route).toMatchObject({ totalPoints: 2, totalDuration: null, startTime: null, name: 'r' });
  expect(route.totalDistance).toBeCloseTo(meters(1, 2), 2);
});

test('waypoints alone: nothing but their number', async () => {
  const gpx = await read(gpxText('<wpt lat="1" lon="2"><ele>3</ele></wpt>'.repeat(3)));
  expect(totalsOf(gpx)).toEqual({
    name: null,
    creator: 'a hand',
    totalDistance: 0,
    totalDuration: null,
    averageSpeed: null,
    maxSpeed: null,
    elevationGain: null,
    elevationLoss: null,
    minElevation: null,
    maxElevation: null,
    totalPoints: 3,
    startTime: null,
    endTime: null,
  });
  expect([...segmentsOf(gpx)]).toEqual([]);
});
