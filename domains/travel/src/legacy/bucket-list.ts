/** The bucket list: wishes, and the memories that fulfil them. */
import {
  type GraphQLContext,
  groupBy,
  listRecords,
  listViews,
  PAGE_ARGUMENTS,
  type PageArgs,
  type RecordView,
  type Resolver,
  writeRecords,
} from '@ackord/server';
import { create, remove, update } from './crud.ts';
import type { Operations } from './operations.ts';
import { existing, idOf } from './read-one.ts';

const sdl = `
extend type Query {
  "The caller's own."
  bucketListItems(${PAGE_ARGUMENTS}
  ): [BucketListItem!]!
}

extend type Mutation {
  createBucketListItem(input: BucketListItemInput!): BucketListItem!
  updateBucketListItem(id: ID!, input: BucketListItemInput!): BucketListItem
  deleteBucketListItem(id: ID!): Boolean!
  "Marks the wish as done and links the memory with it; several memories may be linked with one wish."
  completeBucketListItem(id: ID!, memoryId: ID!): BucketListItem
}

extend type BucketListItem {
  "The caller's memories that are linked with it."
  memories: [Memory!]
}

input BucketListItemInput {
  name: String!
  country: String
  region: String
  type: String
  latitude1: Float
  longitude1: Float
  latitude2: Float
  longitude2: Float
  isDone: Boolean
}
`;

const bucketListItems: Resolver<unknown, PageArgs> = (_source, page, context) =>
  listViews(context, { type: 'BucketListItem', ...page });

interface Completion {
  readonly id: string;
  readonly memoryId: string;
}

const completeBucketListItem: Resolver<unknown, Completion> = async (_source, args, context) => {
  const item = await existing(context, 'BucketListItem', 'id', args.id);
  const memoryId = idOf('memoryId', args.memoryId);
  // Done again it keeps its first moment.
  const done = item.fields.isDone && item.fields.completedAt !== null;
  const [completed] = await writeRecords(context, [
    {
      type: 'BucketListItem',
      operation: 'UPDATE',
      id: item.id,
      input: done ? {} : { isDone: true, completedAt: Date.now() },
    },
    { type: 'Memory', operation: 'UPDATE', id: memoryId, input: { bucketListItemId: item.id } },
  ]);
  return completed;
};

/** One read of all memories, however many wishes ask. */
const memoriesOfItem: Resolver<RecordView> = async ({ $record }, _args, context: GraphQLContext) => {
  const byItem = await context.once('memories by wish', async () =>
    groupBy(await listRecords(context, { type: 'Memory' }), ({ fields }) => String(fields.bucketListItemId)),
  );
  return context.reads.counted(byItem.get($record.id) ?? []).map((memory) => context.toView(memory));
};

export const bucketListOperations: Operations = {
  sdl,
  resolvers: {
    Query: { bucketListItems },
    Mutation: {
      createBucketListItem: create('BucketListItem'),
      updateBucketListItem: update('BucketListItem'),
      deleteBucketListItem: remove('BucketListItem'),
      completeBucketListItem,
    },
    BucketListItem: { memories: memoriesOfItem },
  },
};
