/**
 * An entry of the journal, at a place and a time. Apps that know no "nowhere" send 0/0 for it, so that is how
 * "no place" is stored; a memory without a time of its own happened when it was made.
 */
import { defineEntity, instant, latitude, longitude, text, textThreeWay, uuid, uuids } from '@ackord/core';

export const memory = defineEntity({
  name: 'Memory',
  plural: 'memories',
  scope: 'owner',
  fields: {
    title: text(),
    text: text().nullable(),
    timestamp: instant().nullable(),
    latitude: latitude().default(0),
    longitude: longitude().default(0),
    locationName: text().nullable(),
    /** JSON text of the app, not looked into. */
    weatherJSON: text().nullable(),
    tripId: uuid(),
    tagIds: uuids().default([]),
    bucketListItemId: uuid().nullable(),
    gpxTrackId: uuid().nullable(),
  },
  references: {
    tripId: { to: 'Trip', onDelete: 'cascade' },
    tagIds: { to: 'Tag', onDelete: 'dangle' },
    bucketListItemId: { to: 'BucketListItem', onDelete: 'dangle' },
    gpxTrackId: { to: 'GPXTrack', onDelete: 'dangle' },
  },
  groups: { place: ['latitude', 'longitude', 'locationName'] },
  merge: { text: textThreeWay },
});
