/** The older API of the travel app, all of it: single reads and writes, one sync for everything, files. */
import { bucketListOperations } from './bucket-list.ts';
import { fileOperations } from './files.ts';
import { mediaItemOperations } from './media-items.ts';
import { memoryOperations } from './memories.ts';
import { joinOperations } from './operations.ts';
import { tagOperations } from './tags.ts';
import { tripOperations } from './trips.ts';

export const operations = joinOperations([
  tripOperations,
  memoryOperations,
  mediaItemOperations,
  tagOperations,
  bucketListOperations,
  fileOperations,
]);
