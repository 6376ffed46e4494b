/**
 * The tables of the original server's SQLite files, as far as Ackord reads and writes them: one file per tenant with a
 * table per entity type, and one for all users and tenants. Facts, no behaviour.
 */
import { LIST_KEYS, TYPE_NAMES, type TypeName } from '../wire/type-names.ts';

/** `list`: JSON in a text column. `time`: text without a zone, in UTC. `flag`: 0 or 1. */
export type ColumnKind = 'text' | 'integer' | 'number' | 'flag' | 'list' | 'time';

export interface Column {
  /** In the file. */
  readonly name: string;
  /** Key of the value in a row as it is handed out; for entities that of the wire. null: stays empty, and is not read. */
  readonly key: string | null;
  readonly kind: ColumnKind;
}

export interface Table {
  readonly name: string;
  /** The first one is the primary key: without it nothing of the table is read. */
  readonly columns: readonly Column[];
}

/** `name`, or `name:key` where both differ. */
const columns = (kind: ColumnKind, names: string): Column[] =>
  names.split(' ').map((word) => {
    const [name = '', key = name] = word.split(':');
    return { name, key, kind };
  });

const id = columns('text', 'id');
const changed = columns('time', 'updatedAt:updated_at');
/** The original's tools ask every table for it. */
const made: Column = { name: 'createdAt', key: null, kind: 'time' };

const COLUMNS: Record<TypeName, readonly Column[]> = {
  Account: [
    ...columns('text', 'name description note accountType'),
    ...columns('flag', 'isActive isOfflineBudget'),
    ...columns('text', 'accountGroupId'),
    ...columns('integer', 'sortOrder'),
    ...columns('text', 'iban'),
    ...columns('number', 'balance creditLimit offset'),
    ...columns('text', 'logo_path'),
  ],
  AccountGroup: [
    ...columns('text', 'name'),
    ...columns('integer', 'sortOrder'),
    ...columns('text', 'logo_path'),
  ],
  Category: [
    ...columns('text', 'name icon'),
    ...columns('number', 'budgeted activity available'),
    ...columns('flag', 'isIncomeCategory isHidden isActive'),
    ...columns('integer', 'sortOrder'),
    ...columns('text', 'categoryGroupId parentCategoryId'),
    ...columns('flag', 'isSavingsGoal'),
    ...columns('text', 'goalDate'),
    ...columns('number', 'targetAmount'),
    ...columns('integer', 'priority'),
    ...columns('number', 'proportion monthlyAmount'),
    ...columns('text', 'note'),
  ],
  CategoryGroup: [
    ...columns('text', 'name'),
    ...columns('integer', 'sortOrder'),
    ...columns('flag', 'isIncomeGroup'),
  ],
  Recipient: columns('text', 'name defaultCategoryId note'),
  Tag: columns('text', 'name parentTagId color icon'),
  AutomationRule: [
    ...columns('text', 'name description stage'),
    ...columns('list', 'conditions actions'),
    ...columns('integer', 'priority'),
    ...columns('flag', 'isActive'),
    ...columns('text', 'conditionLogic'),
  ],
  PlanningTransaction: [
    ...columns('text', 'name accountId categoryId recipientId'),
    ...columns('list', 'tagIds'),
    ...columns('number', 'amount'),
    ...columns('text', 'amountType'),
    ...columns('number', 'approximateAmount minAmount maxAmount'),
    ...columns('text', 'note startDate valueDate endDate recurrencePattern'),
    ...columns('integer', 'recurrenceCount executionDay'),
    ...columns('text', 'recurrenceEndType weekendHandling transactionType'),
    ...columns('text', 'counterPlanningTransactionId transferToAccountId transferToCategoryId'),
    ...columns('flag', 'isActive forecastOnly autoExecute'),
  ],
  Transaction: [
    ...columns('text', 'accountId categoryId toCategoryId recipientId date valueDate'),
    ...columns('number', 'amount'),
    ...columns('text', 'description note payee'),
    ...columns('list', 'tagIds'),
    ...columns('text', 'type'),
    ...columns('number', 'runningBalance'),
    ...columns('text', 'counterTransactionId planningTransactionId transferToAccountId'),
    ...columns('flag', 'isReconciliation isCategoryTransfer reconciled'),
    ...columns('time', 'createdAt'),
  ],
};

/** The tables have the names of the lists of an initial load. */
export const tableOf = (type: TypeName): Table => ({
  name: LIST_KEYS[type],
  columns: [...id, ...COLUMNS[type], ...(type === 'Transaction' ? [] : [made]), ...changed],
});

export const TENANT_TABLES: readonly Table[] = TYPE_NAMES.map(tableOf);

/** The file of all users. */
export const USER_TABLES: readonly Table[] = [
  {
    name: 'users',
    columns: [
      ...columns('text', 'uuid name email hashed_password'),
      ...columns('time', 'createdAt updatedAt'),
    ],
  },
  {
    name: 'tenants',
    columns: [...columns('text', 'uuid name user_id'), ...columns('time', 'createdAt updatedAt')],
  },
  {
    name: 'user_settings',
    columns: [
      ...columns('text', 'user_id log_level'),
      ...columns('list', 'enabled_log_categories'),
      ...columns('integer', 'history_retention_days'),
      ...columns('time', 'updated_at'),
    ],
  },
];
