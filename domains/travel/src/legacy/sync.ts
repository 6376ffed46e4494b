/** The older sync: one question with the moment of the last one, one answer with everything. */
import { type Resolver, syncAtOnce } from '@ackord/server';
import type { Operations } from './operations.ts';

const sdl = `
extend type Query {
  """
  All that has changed since a moment, deletions included. A serverTimestamp that was given out is exact; it says where
  the caller then stood, so nothing is missed and nothing comes twice. The years 0000 and 0001 mean never.
  """
  sync(lastSyncedAt: DateTime!): SyncResponse!
}

type SyncResponse {
  trips: [Trip!]!
  memories: [Memory!]!
  tags: [Tag!]!
  tagCategories: [TagCategory!]!
  mediaItems: [MediaItem!]!
  gpxTracks: [GPXTrack!]!
  bucketListItems: [BucketListItem!]!
  deleted: DeletedIds!
  "Pass it as lastSyncedAt the next time."
  serverTimestamp: DateTime!
}
`;

const sync: Resolver<unknown, { lastSyncedAt: number }> = (_source, { lastSyncedAt }, context) =>
  syncAtOnce(context, lastSyncedAt);

export const syncOperations: Operations = { sdl, resolvers: { Query: { sync } } };
