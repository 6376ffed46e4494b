/** A payment that is expected, once or again and again. */
import { defineEntity, flag, instant, integer, text } from '@ackord/core';
import { z } from 'zod';
import { day, money, softId, softIds, word } from './types.ts';
import { AMOUNT_TYPES, RECURRENCE_END_TYPES, RECURRENCE_PATTERNS, WEEKEND_HANDLINGS } from './words.ts';

export const planningTransaction = defineEntity({
  name: 'PlanningTransaction',
  plural: 'planning_transactions',
  scope: 'tenant',
  fields: {
    name: text(),
    /** May be empty. */
    accountId: softId(),
    categoryId: softId().nullable(),
    recipientId: softId().nullable(),
    tagIds: softIds().nullable(),
    amount: money(),
    amountType: z.enum(AMOUNT_TYPES),
    approximateAmount: money().nullable(),
    minAmount: money().nullable(),
    maxAmount: money().nullable(),
    note: text().nullable(),
    startDate: day(),
    valueDate: day().nullable(),
    endDate: day().nullable(),
    recurrencePattern: z.enum(RECURRENCE_PATTERNS),
    recurrenceCount: integer().nullable(),
    recurrenceEndType: z.enum(RECURRENCE_END_TYPES),
    executionDay: integer().nullable(),
    weekendHandling: z.enum(WEEKEND_HANDLINGS),
    transactionType: word().nullable(),
    counterPlanningTransactionId: softId().nullable(),
    transferToAccountId: softId().nullable(),
    transferToCategoryId: softId().nullable(),
    isActive: flag(),
    forecastOnly: flag(),
    autoExecute: flag().nullable().default(false),
    editedAt: instant().nullable(),
  },
  stamp: 'editedAt',
});
