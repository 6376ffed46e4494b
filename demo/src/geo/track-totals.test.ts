import { describe, expect, test } from 'vitest';
import { type TrackPoint, trackTotals } from './track-totals.ts';

/** On the equator, where a thousandth of a degree is 111.3 m. */
const point = (thousandths: number, more: Partial<TrackPoint> = {}): TrackPoint => ({
  latitude: 0,
  longitude: thousandths / 1000,
  elevation: null,
  time: null,
  ...more,
});
const STEP_METERS = 111.319;

describe('the totals of a track', () => {
  test('without times and heights there is only its length', () => {
    const totals = trackTotals([[point(0), point(1), point(3)]]);
    expect(totals).toMatchObject({
      points: 3,
      startTime: null,
      endTime: null,
      durationSeconds: null,
      averageSpeed: null,
      maxSpeed: null,
      elevationGainMeters: null,
      elevationLossMeters: null,
      minElevation: null,
      maxElevation: null,
    });
    expect(totals.distanceMeters).toBeCloseTo(3 * STEP_METERS, 1);
  });

  test('the gap between two segments counts for nothing', () => {
    const totals = trackTotals([
      [point(0, { elevation: 10 }), point(1, { elevation: 20 })],
      [point(500, { elevation: 900 }), point(501, { elevation: 890 })],
    ]);
    expect(totals.distanceMeters).toBeCloseTo(2 * STEP_METERS, 1);
    expect(totals).toMatchObject({
      points: 4,
      elevationGainMeters: 10,
      elevationLossMeters: 10,
      minElevation: 10,
      maxElevation: 900,
    });
  });

  test('times make a duration and speeds', () => {
    const totals = trackTotals([
      [point(0, { time: 1_000 }), point(1, { time: 11_000 }), point(2, { time: 51_000 })],
    ]);
    expect(totals).toMatchObject({ startTime: 1_000, endTime: 51_000, durationSeconds: 50 });
    expect(totals.averageSpeed).toBeCloseTo((2 * STEP_METERS) / 50, 2);
    expect(totals.maxSpeed).toBeCloseTo(STEP_METERS / 10, 2);
  });

  test('points at the same moment, or out of order, make no endless speed', () => {
    const totals = trackTotals([
      [point(0, { time: 5_000 }), point(1, { time: 5_000 }), point(2, { time: 1_000 })],
    ]);
    expect(totals).toMatchObject({ startTime: 1_000, endTime: 5_000, durationSeconds: 4, maxSpeed: null });
  });

  test('a single time is no duration', () => {
    const totals = trackTotals([[point(0, { time: 5_000 }), point(1)]]);
    expect(totals).toMatchObject({ startTime: 5_000, durationSeconds: null, averageSpeed: null });
  });

  test('trembling heights are no climb', () => {
    const heights = [100, 101, 99, 101, 100, 150, 149, 151, 120];
    const totals = trackTotals([heights.map((elevation, at) => point(at, { elevation }))]);
    expect(totals).toMatchObject({ elevationGainMeters: 50, elevationLossMeters: 30 });
  });

  test('nothing adds up to nothing', () => {
    expect(trackTotals([])).toMatchObject({ points: 0, distanceMeters: 0, minElevation: null });
    expect(trackTotals([[]])).toMatchObject({ points: 0, distanceMeters: 0, maxSpeed: null });
  });

  test('a very long track has totals too', () => {
    const totals = trackTotals([
      Array.from({ length: 300_000 }, (_, at) => point(at % 100, { elevation: at % 7 })),
    ]);
    expect(totals).toMatchObject({ points: 300_000, minElevation: 0, maxElevation: 6 });
  });
});
