/**
 * Which fields of a type its checksum is about, and which of their values it tells apart. For six types the form was
 * given by the original server, with its omissions; the other three have all of their fields in it.
 */
import type { Field } from '@ackord/core';
import { entityTypeOf } from '../wire/entity-types.ts';
import { TYPE_NAMES, type TypeName } from '../wire/type-names.ts';

/** Stored names, in addition to the id. */
const LISTS: { readonly [Type in TypeName]?: readonly string[] } = {
  Account: [
    'name',
    'description',
    'note',
    'accountType',
    'isActive',
    'isOfflineBudget',
    'accountGroupId',
    'sortOrder',
    'iban',
    'balance',
    'creditLimit',
    'offset',
    'logoPath',
    'editedAt',
  ],
  AccountGroup: ['name', 'sortOrder', 'logoPath', 'editedAt'],
  Category: [
    'name',
    'icon',
    'budgeted',
    'activity',
    'available',
    'isIncomeCategory',
    'isHidden',
    'isActive',
    'sortOrder',
    'categoryGroupId',
    'parentCategoryId',
    'isSavingsGoal',
    'editedAt',
  ],
  CategoryGroup: ['name', 'sortOrder', 'isIncomeGroup', 'editedAt'],
  Recipient: ['name', 'defaultCategoryId', 'note', 'editedAt'],
  Tag: ['name', 'parentTagId', 'color', 'icon', 'editedAt'],
};

/**
 * How a decimal is written. `float`: with a fraction, nothing counts as zero. `float-or-null`: with a fraction, zero
 * counts as nothing. `nullable-float`: with a fraction, or null. `whole`: without a fraction where it has none.
 */
export type DecimalForm = 'float' | 'float-or-null' | 'nullable-float' | 'whole';

export function decimalFormOf(type: TypeName, field: Field): DecimalForm {
  if (type === 'Account' && field.name === 'creditLimit') return 'float-or-null';
  if (type === 'Account' && field.name === 'offset') return 'whole';
  return field.nullable ? 'nullable-float' : 'float';
}

/** The fields of the wire checksum of each type. */
export const CHECKSUM_FIELDS: ReadonlyMap<TypeName, readonly Field[]> = new Map(
  TYPE_NAMES.map((name) => {
    const fields = [...entityTypeOf(name).fields.values()];
    const list = LISTS[name];
    return [name, list ? fields.filter((field) => list.includes(field.name)) : fields];
  }),
);
