/** Accounts that are shown together. */
import { defineEntity, instant, integer, text } from '@ackord/core';

export const accountGroup = defineEntity({
  name: 'AccountGroup',
  plural: 'account_groups',
  scope: 'tenant',
  fields: {
    name: text(),
    sortOrder: integer(),
    /** `<tenant>/<file>` */
    logoPath: text().nullable(),
    editedAt: instant().nullable(),
  },
  stamp: 'editedAt',
});
