/** Distances as a geodesic library of others has them, in metres. */
import geodesic from 'geographiclib-geodesic';
import type { Place } from '../../src/gpx/distance.ts';

export const exactMeters = (a: Place, b: Place): number =>
  geodesic.Geodesic.WGS84.Inverse(a.latitude, a.longitude, b.latitude, b.longitude).s12 ?? Number.NaN;
