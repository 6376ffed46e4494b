/**
 * What the app makes of the nine types: the least that it sends of a new one, the ways in which people edit it, and
 * under which key each of these ways notes the time, if it does. That is how edits come to carry stale times.
 */
import type { TypeName } from '@ackord/finance';
import type { Chance } from '../../legacy/apps/chance.ts';

export type Value = string | number | boolean | null | undefined | readonly unknown[];

/** As the app keeps it. */
export interface Entity {
  readonly id: string;
  readonly [field: string]: Value;
}

/** The key that gets the time of the edit; null: none. */
export type StampKey = 'updatedAt' | 'updated_at' | null;

type Kind = 'text' | 'whole' | 'money' | 'flag' | 'ids';

export interface EditPath {
  readonly stamp: StampKey;
  readonly fields: { readonly [field: string]: Kind };
}

export interface Habits {
  readonly stampOfNew: 'updatedAt' | 'updated_at';
  /** Queued by way of the mapper that renames `updatedAt`. */
  readonly isMapped: boolean;
  readonly least: { readonly [field: string]: Value };
  readonly paths: readonly EditPath[];
  /** Fields that name others, and their type. */
  readonly references: { readonly [field: string]: TypeName };
}

const fresh = (fields: EditPath['fields']): EditPath => ({ stamp: 'updatedAt', fields });

export const HABITS: { readonly [Type in TypeName]: Habits } = {
  Account: {
    stampOfNew: 'updated_at',
    isMapped: true,
    least: { isActive: true, isOfflineBudget: false, accountGroupId: '', balance: 0, offset: 0 },
    // The form leaves the time alone; moving about notes it under the key that the mapper overwrites, if it can.
    paths: [
      { stamp: null, fields: { name: 'text', balance: 'money', offset: 'money' } },
      { stamp: null, fields: { note: 'text' } },
      { stamp: 'updated_at', fields: { sortOrder: 'whole' } },
      { stamp: 'updated_at', fields: { logo_path: 'text' } },
    ],
    references: { accountGroupId: 'AccountGroup' },
  },
  AccountGroup: {
    stampOfNew: 'updated_at',
    isMapped: true,
    least: { sortOrder: 0 },
    paths: [
      { stamp: null, fields: { name: 'text' } },
      { stamp: null, fields: { sortOrder: 'whole' } },
    ],
    references: {},
  },
  Category: {
    stampOfNew: 'updatedAt',
    isMapped: true,
    least: {
      budgeted: 0,
      activity: 0,
      available: 0,
      isIncomeCategory: false,
      isHidden: false,
      isActive: true,
      sortOrder: 0,
    },
    paths: [
      fresh({ name: 'text', note: 'text' }),
      fresh({ budgeted: 'money', available: 'money' }),
      fresh({ sortOrder: 'whole' }),
    ],
    references: { parentCategoryId: 'Category', categoryGroupId: 'CategoryGroup' },
  },
  CategoryGroup: {
    stampOfNew: 'updatedAt',
    isMapped: true,
    least: { sortOrder: 0, isIncomeGroup: false },
    paths: [fresh({ name: 'text' }), fresh({ sortOrder: 'whole' })],
    references: {},
  },
  Recipient: {
    stampOfNew: 'updatedAt',
    isMapped: true,
    least: {},
    paths: [fresh({ name: 'text' }), fresh({ note: 'text' })],
    references: { defaultCategoryId: 'Category' },
  },
  Tag: {
    stampOfNew: 'updatedAt',
    isMapped: true,
    least: {},
    paths: [
      { stamp: null, fields: { name: 'text' } },
      { stamp: null, fields: { color: 'text' } },
    ],
    references: { parentTagId: 'Tag' },
  },
  AutomationRule: {
    stampOfNew: 'updatedAt',
    isMapped: true,
    least: { stage: 'DEFAULT', priority: 0, isActive: true, conditions: [], actions: [] },
    paths: [
      fresh({ name: 'text', priority: 'whole' }),
      fresh({ description: 'text' }),
      // The switch: a time under a key that the mapper overwrites.
      { stamp: 'updated_at', fields: { isActive: 'flag' } },
    ],
    references: {},
  },
  PlanningTransaction: {
    stampOfNew: 'updatedAt',
    isMapped: false,
    least: {
      accountId: '',
      amount: 0,
      amountType: 'EXACT',
      startDate: '2025-01-01',
      recurrencePattern: 'MONTHLY',
      recurrenceEndType: 'NEVER',
      weekendHandling: 'NONE',
      isActive: true,
      forecastOnly: false,
    },
    paths: [fresh({ name: 'text', amount: 'money' }), fresh({ note: 'text' })],
    references: { accountId: 'Account', recipientId: 'Recipient' },
  },
  Transaction: {
    stampOfNew: 'updatedAt',
    isMapped: true,
    least: {
      accountId: '',
      date: '2025-01-02',
      valueDate: '2025-01-02',
      amount: 0,
      description: '',
      type: 'EXPENSE',
      runningBalance: 0,
      tagIds: [],
    },
    paths: [
      fresh({ amount: 'money' }),
      fresh({ description: 'text', note: 'text' }),
      fresh({ payee: 'text' }),
      fresh({ tagIds: 'ids' }),
    ],
    references: { accountId: 'Account', categoryId: 'Category', recipientId: 'Recipient' },
  },
};

let counter = 1;

/** A value that nobody has written before, so that it tells whose edit it is; flags can't. */
export function newValue(kind: Kind, device: string, now: Value, chance: Chance): Value {
  counter += 1;
  switch (kind) {
    case 'text':
      return `${device} ${counter}${chance.percent(10) ? ' "Ä\n€"' : ''}`;
    case 'whole':
      return counter;
    case 'money':
      return counter / 100;
    case 'flag':
      return now !== true;
    case 'ids':
      return [`tag ${device} ${counter}`];
  }
}

/** What the queue gets: the mapper writes its own key over what may lie under the other one. */
export function payloadOf(type: TypeName, entity: Entity, isMapped = HABITS[type].isMapped): Entity {
  const { updatedAt, ...rest } = entity;
  return isMapped && updatedAt !== undefined ? { ...rest, updated_at: updatedAt } : { ...entity };
}

/** What the app counts as the time of what it keeps. */
export const stampOf = ({ updatedAt, updated_at }: Entity): Value => updatedAt ?? updated_at;
