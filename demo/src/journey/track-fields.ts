/** A recorded or planned way as the fields of a GPXTrack, its totals reckoned from its points. */
import { type Fields, formatInstant } from '@ackord/core';
import { trackTotals } from '../geo/track-totals.ts';
import type { GpxTrack } from '../gpx/gpx-file.ts';

export interface TrackOrigin {
  readonly tripId: string;
  /** Where the way itself has no name. */
  readonly fallbackName: string;
  readonly filename: string | null;
  readonly creator: string | null;
}

export function trackFields(
  track: GpxTrack,
  { tripId, fallbackName, filename, creator }: TrackOrigin,
): Fields {
  const totals = trackTotals(track.segments);
  return {
    tripId,
    name: track.name ?? fallbackName,
    description: track.description,
    originalFilename: filename,
    creator,
    trackType: track.activity ?? track.kind,
    startTime: moment(totals.startTime),
    endTime: moment(totals.endTime),
    totalDistance: rounded(totals.distanceMeters, 1),
    totalDuration: rounded(totals.durationSeconds, 0),
    averageSpeed: rounded(totals.averageSpeed, 2),
    maxSpeed: rounded(totals.maxSpeed, 2),
    elevationGain: rounded(totals.elevationGainMeters, 1),
    elevationLoss: rounded(totals.elevationLossMeters, 1),
    minElevation: rounded(totals.minElevation, 1),
    maxElevation: rounded(totals.maxElevation, 1),
    totalPoints: totals.points,
  };
}

const moment = (time: number | null): string | null => (time === null ? null : formatInstant(time));

const rounded = (number: number | null, digits: number): number | null =>
  number === null ? null : Number(number.toFixed(digits));
