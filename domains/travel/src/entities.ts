/** The travel journal: seven types that devices sync, and two of points that are read with their track or trip. Parents come before children, in the order in which apps sync them. */
import { defineDomain } from '@ackord/core';
import { bucketListItem } from './entities/bucket-list-item.ts';
import { gpxTrack } from './entities/gpx-track.ts';
import { mediaItem } from './entities/media-item.ts';
import { memory } from './entities/memory.ts';
import { routeRecording } from './entities/route-recording.ts';
import { tag } from './entities/tag.ts';
import { tagCategory } from './entities/tag-category.ts';
import { trackSegment } from './entities/track-segment.ts';
import { trip } from './entities/trip.ts';

export const travelDomain = defineDomain({
  name: 'travel',
  ids: 'uuid',
  entities: [
    tagCategory,
    tag,
    bucketListItem,
    trip,
    memory,
    mediaItem,
    gpxTrack,
    trackSegment,
    routeRecording,
  ],
});
