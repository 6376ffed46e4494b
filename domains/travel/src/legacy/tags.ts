/** Tags and their categories: each user's own, where they once were everybody's. */
import {
  groupBy,
  listRecords,
  listViews,
  PAGE_ARGUMENTS,
  type PageArgs,
  type RecordView,
  type Resolver,
} from '@ackord/server';
import { create, type Input, remove, update } from './crud.ts';
import type { Operations } from './operations.ts';

const sdl = `
extend type Query {
  "The caller's own."
  tags(${PAGE_ARGUMENTS}
  ): [Tag!]!
  "The caller's own."
  tagCategories(${PAGE_ARGUMENTS}
  ): [TagCategory!]!
}

extend type Mutation {
  "A name that the caller has already gives that tag, with the values that are sent."
  createTag(input: TagInput!): Tag!
  "A categoryId of null takes the tag out of its category."
  updateTag(id: String!, input: UpdateTagInput!): Tag
  deleteTag(id: String!): Boolean!
  "A name that the caller has already gives that category, with the values that are sent."
  createTagCategory(input: TagCategoryInput!): TagCategory!
  updateTagCategory(id: String!, input: UpdateTagCategoryInput!): TagCategory
  "Its tags stay, in no category."
  deleteTagCategory(id: String!): Boolean!
}

extend type TagCategory {
  tags: [Tag!]!
}

input TagInput {
  name: String!
  emoji: String
  color: String
  tagDescription: String
  categoryId: ID
}

input UpdateTagInput {
  name: String
  color: String
  categoryId: ID
}

input TagCategoryInput {
  name: String!
  emoji: String
  color: String
}

input UpdateTagCategoryInput {
  name: String
  color: String
  "Kept as emoji."
  icon: String
}
`;

const tags: Resolver<unknown, PageArgs> = (_source, page, context) =>
  listViews(context, { type: 'Tag', ...page });

const tagCategories: Resolver<unknown, PageArgs> = (_source, page, context) =>
  listViews(context, { type: 'TagCategory', ...page });

/** One read of all tags, however many categories ask. */
const tagsOfCategory: Resolver<RecordView> = async ({ $record }, _args, context) => {
  const byCategory = await context.once('tags by category', async () =>
    groupBy(await listRecords(context, { type: 'Tag' }), ({ fields }) => String(fields.categoryId)),
  );
  return context.reads.counted(byCategory.get($record.id) ?? []).map((tag) => context.toView(tag));
};

function iconAsEmoji({ icon, ...rest }: Input): Input {
  return icon === undefined ? rest : { ...rest, emoji: icon };
}

export const tagOperations: Operations = {
  sdl,
  resolvers: {
    Query: { tags, tagCategories },
    Mutation: {
      createTag: create('Tag'),
      updateTag: update('Tag'),
      deleteTag: remove('Tag'),
      createTagCategory: create('TagCategory'),
      updateTagCategory: update('TagCategory', iconAsEmoji),
      deleteTagCategory: remove('TagCategory'),
    },
    TagCategory: { tags: tagsOfCategory },
  },
};
