/** Who is paid, or who pays. */
import { defineEntity, instant, text } from '@ackord/core';
import { softId } from './types.ts';

export const recipient = defineEntity({
  name: 'Recipient',
  plural: 'recipients',
  scope: 'tenant',
  fields: {
    name: text(),
    defaultCategoryId: softId().nullable(),
    note: text().nullable(),
    editedAt: instant().nullable(),
  },
  stamp: 'editedAt',
});
