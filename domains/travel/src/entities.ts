/** The travel journal: seven types. Parents come before children, in the order in which apps sync them. */
import { defineDomain } from '@ackord/core';
import { bucketListItem } from './entities/bucket-list-item.ts';
import { gpxTrack } from './entities/gpx-track.ts';
import { mediaItem } from './entities/media-item.ts';
import { memory } from './entities/memory.ts';
import { tag } from './entities/tag.ts';
import { tagCategory } from './entities/tag-category.ts';
import { trip } from './entities/trip.ts';

export const travelDomain = defineDomain({
  name: 'travel',
  ids: 'uuid',
  entities: [tagCategory, tag, bucketListItem, trip, memory, mediaItem, gpxTrack],
});
