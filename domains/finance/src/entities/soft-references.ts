/**
 * What names what among the finance types. These references are soft: they apply at once, a child may come before its
 * parent, and what leads nowhere is only counted. So the engine does not know them; who counts or shows them does.
 */

/** Type → field → the type whose ids it holds. A field may hold one id or a list. */
export const SOFT_REFERENCES: { readonly [type: string]: { readonly [field: string]: string } } = {
  Account: { accountGroupId: 'AccountGroup' },
  AccountGroup: {},
  Category: { categoryGroupId: 'CategoryGroup', parentCategoryId: 'Category' },
  CategoryGroup: {},
  Recipient: { defaultCategoryId: 'Category' },
  Tag: { parentTagId: 'Tag' },
  AutomationRule: {},
  PlanningTransaction: {
    accountId: 'Account',
    categoryId: 'Category',
    recipientId: 'Recipient',
    tagIds: 'Tag',
    counterPlanningTransactionId: 'PlanningTransaction',
    transferToAccountId: 'Account',
    transferToCategoryId: 'Category',
  },
  Transaction: {
    accountId: 'Account',
    categoryId: 'Category',
    toCategoryId: 'Category',
    recipientId: 'Recipient',
    tagIds: 'Tag',
    counterTransactionId: 'Transaction',
    planningTransactionId: 'PlanningTransaction',
    transferToAccountId: 'Account',
  },
};
