/** A recorded way. Its totals are computed from one file, so they merge as one: half of each would be no track. */
import { defineEntity, instant, integer, number, text, uuid } from '@ackord/core';
import { notBefore } from '../rules.ts';

export const gpxTrack = defineEntity({
  name: 'GPXTrack',
  plural: 'gpxTracks',
  scope: 'owner',
  fields: {
    tripId: uuid(),
    memoryId: uuid().nullable(),
    name: text(),
    description: text().nullable(),
    originalFilename: text().nullable(),
    gpxFileObjectName: text().nullable(),
    /** The program or device that recorded it; not a user. */
    creator: text().nullable(),
    trackType: text().nullable(),
    startTime: instant().nullable(),
    endTime: instant().nullable(),
    /** Metres. */
    totalDistance: number().nullable(),
    /** Seconds. */
    totalDuration: number().nullable(),
    averageSpeed: number().nullable(),
    maxSpeed: number().nullable(),
    elevationGain: number().nullable(),
    elevationLoss: number().nullable(),
    minElevation: number().nullable(),
    maxElevation: number().nullable(),
    totalPoints: integer().nullable(),
    /** The `gpxFileObjectName` whose file is here, and that file's SHA-256 as hex digits. */
    uploadedObjectName: text().nullable(),
    fileSha256: text().nullable(),
  },
  serverOwned: ['uploadedObjectName', 'fileSha256'],
  references: {
    tripId: { to: 'Trip', onDelete: 'cascade' },
    memoryId: { to: 'Memory', onDelete: 'dangle' },
  },
  groups: {
    totals: [
      'startTime',
      'endTime',
      'totalDistance',
      'totalDuration',
      'averageSpeed',
      'maxSpeed',
      'elevationGain',
      'elevationLoss',
      'minElevation',
      'maxElevation',
      'totalPoints',
    ],
  },
  rules: [notBefore('endTime', 'startTime')],
});
