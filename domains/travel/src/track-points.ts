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

export const trackPoints = () =>
  z
    .array(
      z.tuple([
        z.number().min(-90).max(90),
        z.number().min(-180).max(180),
        z.number().nullable(),
        z.number().nullable(),
        z.number().nullable(),
      ]),
    )
    .min(1)
    .max(LIMITS.trackPointsPerRecordMax);
