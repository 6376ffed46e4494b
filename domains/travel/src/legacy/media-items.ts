/** Media items: their rows. The files themselves come and go by signed addresses (files.ts). */
import type { RecordView, Resolver } from '@ackord/server';
import { create, remove, update } from './crud.ts';
import type { Operations } from './operations.ts';
import { settleFiles } from './settle-files.ts';

const sdl = `
extend type Mutation {
  createMediaItem(input: MediaItemInput!): MediaItem!
  updateMediaItem(id: String!, input: UpdateMediaItemInput!): MediaItem!
  deleteMediaItem(id: String!): Boolean!
}

input MediaItemInput {
  objectName: String!
  thumbnailObjectName: String
  memoryId: String!
  mediaType: String!
  timestamp: DateTime!
  order: Int!
  filesize: Int!
  duration: Int
}

input UpdateMediaItemInput {
  objectName: String
  thumbnailObjectName: String
  mediaType: String
  timestamp: DateTime
  order: Int
  filesize: Int
  duration: Int
}
`;

/** Older apps upload first and then name the key: such an item has its file at once. */
const withFiles =
  <Args>(write: Resolver<unknown, Args>): Resolver<unknown, Args> =>
  async (source, args, context, info) => {
    const { $record } = (await write(source, args, context, info)) as RecordView;
    return context.toView(await settleFiles(context, $record));
  };

export const mediaItemOperations: Operations = {
  sdl,
  resolvers: {
    Mutation: {
      createMediaItem: withFiles(create('MediaItem')),
      updateMediaItem: withFiles(update('MediaItem')),
      deleteMediaItem: remove('MediaItem'),
    },
  },
};
