/** A part of life that categories belong to. */
import { defineEntity, flag, instant, integer, text } from '@ackord/core';

export const categoryGroup = defineEntity({
  name: 'CategoryGroup',
  plural: 'category_groups',
  scope: 'tenant',
  fields: {
    name: text(),
    sortOrder: integer(),
    isIncomeGroup: flag(),
    editedAt: instant().nullable(),
  },
  stamp: 'editedAt',
});
