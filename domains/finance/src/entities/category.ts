/** What money is spent on or saved for, with its budget. */
import { defineEntity, flag, instant, integer, text } from '@ackord/core';
import { day, money, softId } from './types.ts';

export const category = defineEntity({
  name: 'Category',
  plural: 'categories',
  scope: 'tenant',
  fields: {
    name: text(),
    icon: text().nullable(),
    budgeted: money(),
    activity: money(),
    available: money(),
    isIncomeCategory: flag(),
    isHidden: flag(),
    isActive: flag(),
    sortOrder: integer(),
    categoryGroupId: softId().nullable(),
    parentCategoryId: softId().nullable(),
    isSavingsGoal: flag().nullable().default(false),
    goalDate: day().nullable(),
    targetAmount: money().nullable(),
    priority: integer().nullable(),
    /** Percent. */
    proportion: money().nullable(),
    monthlyAmount: money().nullable(),
    note: text().nullable(),
    editedAt: instant().nullable(),
  },
  stamp: 'editedAt',
});
