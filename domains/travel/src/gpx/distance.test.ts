import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exactMeters } from '../../tests/gpx/exact.ts';
import { distanceMeters, type Place } from './distance.ts';

const place = fc.record({
  latitude: fc.double({ min: -90, max: 90, noNaN: true }),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
});

const isClose = (a: Place, b: Place): boolean => {
  const exact = exactMeters(a, b);
  // 10 m around half of the earth, a millimetre next door.
  return Math.abs(distanceMeters(a, b) - exact) <= 0.001 + exact * 5e-7;
};

test('anywhere on earth it agrees with a geodesic library', () => {
  fc.assert(fc.property(place, place, isClose), { numRuns: 3_000 });
});

test('also for steps of a walk, at the poles too', () => {
  const step = fc.tuple(
    fc.double({ min: -0.01, max: 0.01, noNaN: true }),
    fc.double({ min: -0.01, max: 0.01, noNaN: true }),
  );
  fc.assert(
    fc.property(place, step, (a, [north, east]) =>
      isClose(a, {
        latitude: Math.max(-90, Math.min(90, a.latitude + north)),
        longitude: a.longitude + east,
      }),
    ),
    { numRuns: 3_000 },
  );
});

test('also between places that are nearly opposite', () => {
  const off = fc.double({ min: -2, max: 2, noNaN: true });
  fc.assert(
    fc.property(place, off, off, ({ latitude, longitude }, north, east) =>
      isClose(
        { latitude, longitude },
        {
          latitude: Math.max(-90, Math.min(90, north - latitude)),
          longitude: longitude > 0 ? longitude - 180 + east / 4 : longitude + 180 - east / 4,
        },
      ),
    ),
    { numRuns: 500 },
  );
});

test.each([
  ['the same place', [47, 8], [47, 8]],
  ['pole to pole', [90, 0], [-90, 0]],
  ['the pole, named by two longitudes', [90, 10], [90, -170]],
  ['across the antimeridian', [10, 179.9999], [10, -179.9999]],
  ['one meridian, named twice', [10, 180], [10, -180]],
  ['half the equator', [0, 0], [0, 180]],
  ['nearly half the equator', [0, 0], [0, 179.7]],
  ['along the equator', [0, 5], [0, 6]],
  ['over the pole', [89.9, 0], [89.9, 180]],
  // The cosine of the angle between them is rounded to less than -1.
  ['exactly opposite', [-0.01150281436037126, 110.31345721960575], [0.01150281436037126, -69.68654278039425]],
] as const)('%s', (_, [latitude, longitude], [toLatitude, toLongitude]) => {
  expect(isClose({ latitude, longitude }, { latitude: toLatitude, longitude: toLongitude })).toBe(true);
});
