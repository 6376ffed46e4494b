/** A wish: a place, or a way between two places, to see one day. */
import { defineEntity, flag, instant, latitude, longitude, text } from '@ackord/core';

export const bucketListItem = defineEntity({
  name: 'BucketListItem',
  plural: 'bucketListItems',
  scope: 'user',
  fields: {
    name: text(),
    country: text().nullable(),
    region: text().nullable(),
    type: text().nullable(),
    latitude1: latitude().nullable(),
    longitude1: longitude().nullable(),
    latitude2: latitude().nullable(),
    longitude2: longitude().nullable(),
    isDone: flag().default(false),
    completedAt: instant().nullable(),
  },
  groups: {
    place1: ['latitude1', 'longitude1'],
    place2: ['latitude2', 'longitude2'],
    completion: ['isDone', 'completedAt'],
  },
});
