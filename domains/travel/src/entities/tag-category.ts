/** A drawer for tags. Two categories of one user never have the same name. */
import { defineEntity, flag, integer, name, text } from '@ackord/core';
import { uniqueName } from '../unique-name.ts';

export const tagCategory = defineEntity({
  name: 'TagCategory',
  plural: 'tagCategories',
  scope: 'user',
  fields: {
    name: name(),
    displayName: text().nullable(),
    emoji: text().nullable(),
    color: text().nullable(),
    sortOrder: integer().default(0),
    isExpanded: flag().default(true),
    isSystemCategory: flag().default(false),
  },
  serverOwned: ['isSystemCategory'],
  unique: uniqueName,
});
