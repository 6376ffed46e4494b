/** Household finance: nine types that apps sync, in the order of an initial load, and two that REST alone shows. */
import { defineDomain } from '@ackord/core';
import { account } from './entities/account.ts';
import { accountGroup } from './entities/account-group.ts';
import { automationRule } from './entities/automation-rule.ts';
import { category } from './entities/category.ts';
import { categoryGroup } from './entities/category-group.ts';
import { planningTransaction } from './entities/planning-transaction.ts';
import { recipient } from './entities/recipient.ts';
import { tag } from './entities/tag.ts';
import { tenant } from './entities/tenant.ts';
import { transaction } from './entities/transaction.ts';
import { userSettings } from './entities/user-settings.ts';

export const financeDomain = defineDomain({
  name: 'finance',
  ids: 'text',
  entities: [
    account,
    accountGroup,
    category,
    categoryGroup,
    recipient,
    tag,
    automationRule,
    planningTransaction,
    transaction,
    tenant,
    userSettings,
  ],
});
