/** A label of its user, found on memories of any of the user's trips. Two tags of one user never have the same name. */
import { defineEntity, flag, integer, name, text, uuid, uuids } from '@ackord/core';
import { uniqueName } from '../unique-name.ts';

export const tag = defineEntity({
  name: 'Tag',
  plural: 'tags',
  scope: 'user',
  fields: {
    name: name(),
    normalizedName: text().nullable(),
    displayName: text().nullable(),
    emoji: text().nullable(),
    /** One of the colour words of the apps. */
    color: text().nullable(),
    tagDescription: text().nullable(),
    categoryId: uuid().nullable(),
    isArchived: flag().default(false),
    sortOrder: integer().default(0),
    relatedTagIds: uuids().default([]),
    isSystemTag: flag().default(false),
    usageCount: integer().default(0),
  },
  references: {
    categoryId: { to: 'TagCategory', onDelete: 'dangle' },
    relatedTagIds: { to: 'Tag', onDelete: 'dangle' },
  },
  serverOwned: ['isSystemTag', 'usageCount'],
  unique: uniqueName,
});
