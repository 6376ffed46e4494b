/** A label of transactions; labels may lie within one another. */
import { defineEntity, instant, text } from '@ackord/core';
import { softId } from './types.ts';

export const tag = defineEntity({
  name: 'Tag',
  plural: 'tags',
  scope: 'tenant',
  fields: {
    name: text(),
    parentTagId: softId().nullable(),
    /** A colour word of the app, or any other. */
    color: text().nullable(),
    icon: text().nullable(),
    editedAt: instant().nullable(),
  },
  stamp: 'editedAt',
});
