/** Money that came, went, or changed its place. */
import { defineEntity, flag, instant, text } from '@ackord/core';
import { day, money, softId, softIds, word } from './types.ts';

export const transaction = defineEntity({
  name: 'Transaction',
  plural: 'transactions',
  scope: 'tenant',
  fields: {
    accountId: softId(),
    categoryId: softId().nullable(),
    toCategoryId: softId().nullable(),
    recipientId: softId().nullable(),
    date: day(),
    valueDate: day(),
    amount: money(),
    description: text().nullable(),
    note: text().nullable(),
    /** The recipient's name as the bank writes it. */
    payee: text().nullable(),
    tagIds: softIds().nullable(),
    type: word(),
    /** Every app computes it anew. */
    runningBalance: money(),
    counterTransactionId: softId().nullable(),
    planningTransactionId: softId().nullable(),
    transferToAccountId: softId().nullable(),
    isReconciliation: flag().nullable().default(false),
    isCategoryTransfer: flag().nullable().default(false),
    reconciled: flag().nullable().default(false),
    /** By the app's clock; it sorts by it. */
    createdAt: instant().nullable(),
    editedAt: instant().nullable(),
  },
  stamp: 'editedAt',
});
