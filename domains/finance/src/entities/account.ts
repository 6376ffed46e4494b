/** A bank account, a purse or a budget of one's own. */
import { defineEntity, flag, instant, integer, text } from '@ackord/core';
import { z } from 'zod';
import { money, softId } from './types.ts';
import { ACCOUNT_TYPES } from './words.ts';

export const account = defineEntity({
  name: 'Account',
  plural: 'accounts',
  scope: 'tenant',
  fields: {
    name: text(),
    description: text().nullable(),
    note: text().nullable(),
    accountType: z.enum(ACCOUNT_TYPES).nullable().default('sonstiges'),
    isActive: flag(),
    isOfflineBudget: flag(),
    accountGroupId: softId(),
    sortOrder: integer().nullable().default(0),
    iban: text().nullable(),
    balance: money(),
    creditLimit: money().nullable(),
    /** A whole number in the original, an amount with cents in the app. */
    offset: money(),
    /** `<tenant>/<file>` */
    logoPath: text().nullable(),
    editedAt: instant().nullable(),
  },
  stamp: 'editedAt',
});
