/** Memories: reading, searching, writing. */
import {
  badArgument,
  listViews,
  PAGE_ARGUMENTS,
  type PageArgs,
  type Resolver,
  requireActor,
} from '@ackord/server';
import { create, type Input, remove, update } from './crud.ts';
import type { Operations } from './operations.ts';
import { existing, idOf, visible } from './read-one.ts';

const sdl = `
extend type Query {
  "Those of one trip, or of all trips of the caller. A tripId that the caller can't see is ignored, as it always was."
  memories(
    tripId: ID${PAGE_ARGUMENTS}
  ): [Memory!]!
  memory(id: String!): Memory
  "Those that have the text in their title or content, letter by letter."
  searchMemories(
    query: String!
    tripId: ID${PAGE_ARGUMENTS}
  ): [Memory!]!
}

extend type Mutation {
  "Of two places that are given, location counts."
  createMemory(input: MemoryInput!): Memory!
  "Of two places that are given, latitude, longitude and address count. An empty list of tags leaves them as they are."
  updateMemory(id: String!, input: UpdateMemoryInput!): Memory!
  "Takes along its media items."
  deleteMemory(id: String!): Boolean!
}

input MemoryInput {
  title: String!
  content: String
  date: DateTime
  latitude: Float
  longitude: Float
  address: String
  location: LocationInput
  tripId: ID!
  tagIds: [ID!]
}

input UpdateMemoryInput {
  title: String
  content: String
  date: DateTime
  latitude: Float
  longitude: Float
  location: LocationInput
  address: String
  tagIds: [String!]
}
`;

interface OfTrip extends PageArgs {
  readonly tripId?: string | null;
}

const memories: Resolver<unknown, OfTrip> = async (_source, { tripId, ...page }, context) => {
  requireActor(context);
  const trip = tripId == null ? null : await visible(context, 'Trip', 'tripId', tripId);
  return listViews(context, { type: 'Memory', owner: trip?.id ?? null, ...page });
};

const memory: Resolver<unknown, { id: string }> = async (_source, { id }, context) =>
  context.toView(await existing(context, 'Memory', 'id', id));

const searchMemories: Resolver<unknown, OfTrip & { query: string }> = async (
  _source,
  { query, tripId, ...page },
  context,
) => {
  requireActor(context);
  if (query.includes('\0') || !query.isWellFormed())
    throw badArgument('query', 'must hold no NUL and no half of a surrogate pair');
  const owner = tripId == null ? null : idOf('tripId', tripId);
  return listViews(context, {
    type: 'Memory',
    owner,
    contains: { fields: ['title', 'text'], text: query },
    ...page,
  });
};

function withoutNoTags({ tagIds, ...rest }: Input): Input {
  return Array.isArray(tagIds) && tagIds.length > 0 ? { ...rest, tagIds } : rest;
}

export const memoryOperations: Operations = {
  sdl,
  resolvers: {
    Query: { memories, memory, searchMemories },
    Mutation: {
      createMemory: create('Memory'),
      updateMemory: update('Memory', withoutNoTags),
      deleteMemory: remove('Memory'),
    },
  },
};
