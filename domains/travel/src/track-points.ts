/** Points of a way as records keep them: a row of numbers each, for there are thousands in a record. */
import { LIMITS } from '@ackord/core';
import { z } from 'zod';

/** Degrees north and east, metres above the sea, metres a second, milliseconds since 1970. */
export type TrackPoint = readonly [
  latitude: number,
  longitude: number,
  altitude: number | null,
  speed: number | null,
  time: number | null,
];

/** The years 0001 to 9999, as of all moments. */
const TIME_MIN = Date.parse('0001-01-01T00:00:00.000Z');
const TIME_MAX = Date.parse('9999-12-31T23:59:59.999Z');

export const trackPoints = () =>
  z
    .array(
      z.tuple([
        z.number().min(-90).max(90),
        z.number().min(-180).max(180),
        z.number().nullable(),
        z.number().nullable(),
        z.int().min(TIME_MIN).max(TIME_MAX).nullable(),
      ]),
    )
    .min(1)
    .max(LIMITS.trackPointsPerRecordMax);
