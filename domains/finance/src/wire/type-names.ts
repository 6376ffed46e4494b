/**
 * The names of types and operations on the wire. Clients write them in any case; answers use these.
 */

/** The nine types that apps sync, in the order of every list of types. */
export const TYPE_NAMES = [
  'Account',
  'AccountGroup',
  'Category',
  'CategoryGroup',
  'Recipient',
  'Tag',
  'AutomationRule',
  'PlanningTransaction',
  'Transaction',
] as const;

export type TypeName = (typeof TYPE_NAMES)[number];

/** The keys of the payload of `initial_data_load`. */
export const LIST_KEYS = {
  Account: 'accounts',
  AccountGroup: 'account_groups',
  Category: 'categories',
  CategoryGroup: 'category_groups',
  Recipient: 'recipients',
  Tag: 'tags',
  AutomationRule: 'automation_rules',
  PlanningTransaction: 'planning_transactions',
  Transaction: 'transactions',
} as const satisfies Record<TypeName, string>;

export type ListKey = (typeof LIST_KEYS)[TypeName];

/** `initial_load` and `reset` are acknowledged and have no effect. */
export const OPERATION_NAMES = ['create', 'update', 'delete', 'initial_load', 'reset'] as const;

export type OperationName = (typeof OPERATION_NAMES)[number];

const byText = <Name extends string>(names: readonly Name[]): ReadonlyMap<string, Name> =>
  new Map(names.map((name) => [name.toLowerCase(), name]));

const types = byText(TYPE_NAMES);
const operations = byText(OPERATION_NAMES);
const typesByListKey = new Map(TYPE_NAMES.map((name) => [LIST_KEYS[name] as string, name]));

/** The type that is meant, null: there is none of that name. */
export const typeNameOf = (sent: unknown): TypeName | null =>
  typeof sent === 'string' ? (types.get(sent.toLowerCase()) ?? null) : null;

/** The type whose list has this key in the payload of an initial load. */
export const typeNameOfListKey = (key: string): TypeName | null => typesByListKey.get(key) ?? null;

export const operationNameOf = (sent: unknown): OperationName | null =>
  typeof sent === 'string' ? (operations.get(sent.toLowerCase()) ?? null) : null;

/** The engine's key of a type: `finance.Account`. */
export const typeKeyOf = (name: TypeName): string => `finance.${name}`;
