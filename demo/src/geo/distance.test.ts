import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { distanceMeters } from './distance.ts';

const at = (latitude: number, longitude: number) => ({ latitude, longitude });
const degrees = (whole: number, minutes: number, seconds: number) => whole + minutes / 60 + seconds / 3600;

describe('distances on the ellipsoid', () => {
  test('the surveyed line from Flinders Peak to Buninyong has 54,972 m', () => {
    const peak = at(-degrees(37, 57, 3.7203), degrees(144, 25, 29.5244));
    const town = at(-degrees(37, 39, 10.1561), degrees(143, 55, 35.3839));
    expect(distanceMeters(peak, town)).toBeCloseTo(54_972.27, 0);
  });

  test('a degree is longer along the equator than along a meridian', () => {
    expect(distanceMeters(at(0, 0), at(0, 1))).toBeCloseTo(111_319.49, 1);
    expect(distanceMeters(at(0, 0), at(1, 0))).toBeCloseTo(110_574.4, 0);
  });

  test('points that are centimetres apart keep their distance', () => {
    expect(distanceMeters(at(46.5, 8.6), at(46.5 + 1e-7, 8.6))).toBeCloseTo(0.01112, 4);
  });

  test('across the date line it is not far', () => {
    expect(distanceMeters(at(0, 179.5), at(0, -179.5))).toBeCloseTo(111_319.49, 1);
  });

  test('half around the earth is a number', () => {
    expect(distanceMeters(at(0, 0), at(0, 180))).toBeCloseTo(Math.PI * 6_378_137, 0);
    expect(distanceMeters(at(90, 0), at(-90, 0))).toBeGreaterThan(2e7);
  });
});

test('it is the same in both directions, never negative, and zero from a point to itself', () => {
  const position = fc.record({
    latitude: fc.double({ min: -90, max: 90, noNaN: true }),
    longitude: fc.double({ min: -180, max: 180, noNaN: true }),
  });
  fc.assert(
    fc.property(position, position, (a, b) => {
      const there = distanceMeters(a, b);
      expect(there).toBeGreaterThanOrEqual(0);
      expect(there).toBeLessThan(2.01e7);
      expect(Math.abs(there - distanceMeters(b, a))).toBeLessThan(1e-3);
      expect(distanceMeters(a, a)).toBe(0);
    }),
  );
});
