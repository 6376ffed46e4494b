/** An entity of each type with every key, and all that it can do without left empty, as apps send and receive it. */
import { randomUUID } from 'node:crypto';
import { LEAST } from '../../domains/finance/tests/least-entities.ts';
import type { Loose } from './ground.ts';

export type TypeName = keyof typeof LEAST;

type Values = Readonly<Record<string, unknown>>;

const DEFAULTS: { readonly [Type in TypeName]: Values } = {
  Account: {
    description: null,
    note: null,
    accountType: 'sonstiges',
    sortOrder: 0,
    iban: null,
    creditLimit: null,
    logo_path: null,
  },
  AccountGroup: { logo_path: null },
  Category: {
    icon: null,
    categoryGroupId: null,
    parentCategoryId: null,
    isSavingsGoal: false,
    goalDate: null,
    targetAmount: null,
    priority: null,
    proportion: null,
    monthlyAmount: null,
    note: null,
  },
  CategoryGroup: {},
  Recipient: { defaultCategoryId: null, note: null },
  Tag: { parentTagId: null, color: null, icon: null },
  AutomationRule: { description: null, conditions: null, actions: null, conditionLogic: 'all' },
  PlanningTransaction: {
    categoryId: null,
    recipientId: null,
    tagIds: null,
    approximateAmount: null,
    minAmount: null,
    maxAmount: null,
    note: null,
    valueDate: null,
    endDate: null,
    recurrenceCount: null,
    executionDay: null,
    transactionType: null,
    counterPlanningTransactionId: null,
    transferToAccountId: null,
    transferToCategoryId: null,
    autoExecute: false,
  },
  Transaction: {
    categoryId: null,
    toCategoryId: null,
    recipientId: null,
    description: null,
    note: null,
    payee: null,
    tagIds: null,
    counterTransactionId: null,
    planningTransactionId: null,
    transferToAccountId: null,
    isReconciliation: false,
    isCategoryTransfer: false,
    reconciled: false,
    createdAt: null,
  },
};

/** A new one. */
export const fresh = (type: TypeName, more: object = {}): Loose => ({
  ...DEFAULTS[type],
  ...LEAST[type],
  id: randomUUID(),
  ...more,
});

/** A sent entity as the others receive it; `editedAt`: the moment that it carries then. */
export const received = (type: TypeName, sent: Values, editedAt: string): Values => ({
  ...sent,
  updated_at: editedAt,
  ...((type === 'PlanningTransaction' || type === 'Transaction') && { updatedAt: editedAt }),
});
