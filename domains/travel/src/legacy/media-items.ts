/** Media items: their rows. The files themselves come and go by signed addresses (files.ts). */
import { create, remove, update } from './crud.ts';
import type { Operations } from './operations.ts';

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

export const mediaItemOperations: Operations = {
  sdl,
  resolvers: {
    Mutation: {
      createMediaItem: create('MediaItem'),
      updateMediaItem: update('MediaItem'),
      deleteMediaItem: remove('MediaItem'),
    },
  },
};
