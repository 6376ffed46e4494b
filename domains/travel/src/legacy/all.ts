/** The older API of the travel app, all of it: single reads and writes, one sync for everything, files. */
import { administrationOperations } from './administration.ts';
import { bucketListOperations } from './bucket-list.ts';
import { fileOperations } from './files.ts';
import { gpxTrackOperations } from './gpx-tracks.ts';
import { mediaItemOperations } from './media-items.ts';
import { memoryOperations } from './memories.ts';
import { joinOperations } from './operations.ts';
import { routePointOperations } from './route-points.ts';
import { syncOperations } from './sync.ts';
import { tagOperations } from './tags.ts';
import { tripOperations } from './trips.ts';

export const operations = joinOperations([
  syncOperations,
  tripOperations,
  memoryOperations,
  mediaItemOperations,
  fileOperations,
  gpxTrackOperations,
  routePointOperations,
  tagOperations,
  bucketListOperations,
  administrationOperations,
]);
