import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { distanceMeters } from '../geo/distance.ts';
import { trackTotals } from '../geo/track-totals.ts';
import { loadCities } from './cities.ts';
import { createRandom } from './random.ts';
import { recordRide } from './record-ride.ts';
import { ROUTE } from './route.ts';

const cities = loadCities();

describe('towns', () => {
  test('all stops of the route are real', () => {
    for (const { stops } of ROUTE) for (const { name, country } of stops) cities.named(name, country);
  });

  test('the nearest ones come first', () => {
    const zurich = cities.named('Zürich', 'CH');
    const near = cities.near(zurich, 10_000);
    expect(near[0]?.name).toBe('Zürich');
    expect(near.length).toBeGreaterThan(10);
    const meters = near.map((city) => distanceMeters(zurich, city));
    expect(meters).toEqual([...meters].sort((a, b) => a - b));
    expect(meters.at(-1)).toBeLessThanOrEqual(10_000);
  });

  test('none in the middle of an ocean, and none for a name that nobody has', () => {
    expect(cities.near({ latitude: -48, longitude: -123 }, 500_000)).toEqual([]);
    expect(() => cities.named('Nowhere At All', 'CH')).toThrow('no town');
  });
});

describe('a recorded ride', () => {
  const ends = {
    from: { latitude: 46.82, longitude: 8.65, elevation: 472 },
    to: { latitude: 46.64, longitude: 8.59, elevation: 1437 },
  };

  test('begins and ends where it should, and climbs what there is to climb', () => {
    const segments = recordRide({ ...ends, relief: 40, start: 1_000_000 }, createRandom(1));
    const points = segments.flat();
    expect(distanceMeters(points[0] as never, ends.from)).toBeLessThan(1);
    expect(distanceMeters(points.at(-1) as never, ends.to)).toBeLessThan(1);
    const totals = trackTotals(segments);
    expect(totals.elevationGainMeters).toBeGreaterThan(900);
    expect(totals.distanceMeters).toBeGreaterThan(distanceMeters(ends.from, ends.to));
    expect(totals.startTime).toBe(1_000_000);
  });

  test('whatever the seed: time goes on, speeds are those of bicycles, and the same seed rides the same way', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(120), (seed, relief) => {
        const ride = { ...ends, relief, start: 0 };
        const segments = recordRide(ride, createRandom(seed));
        expect(recordRide(ride, createRandom(seed))).toEqual(segments);
        const times = segments.flat().map(({ time }) => Number(time));
        expect(times).toEqual([...times].sort((a, b) => a - b));
        const { maxSpeed, averageSpeed } = trackTotals(segments);
        expect(maxSpeed).toBeLessThan(15);
        expect(averageSpeed).toBeGreaterThan(1);
      }),
      { numRuns: 30 },
    );
  });
});
