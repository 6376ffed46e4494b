/** A stretch of a recorded way without a gap: its points and totals, read from the track's file. Not synced. */
import { defineEntity, instant, integer, number, uuid } from '@ackord/core';
import { trackPoints } from '../track-points.ts';

export const trackSegment = defineEntity({
  name: 'TrackSegment',
  plural: 'trackSegments',
  scope: 'owner',
  internal: true,
  fields: {
    gpxTrackId: uuid(),
    /** Position among the segments of the track. */
    order: integer().default(0),
    startDate: instant().nullable(),
    endDate: instant().nullable(),
    /** Metres. */
    distance: number().nullable(),
    /** Metres a second. */
    averageSpeed: number().nullable(),
    maxSpeed: number().nullable(),
    elevationGain: number().nullable(),
    elevationLoss: number().nullable(),
    points: trackPoints(),
  },
  references: { gpxTrackId: { to: 'GPXTrack', onDelete: 'cascade' } },
});
