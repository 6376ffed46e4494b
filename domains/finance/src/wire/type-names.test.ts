import { expect, test } from 'vitest';
import { SOFT_REFERENCES } from '../entities/soft-references.ts';
import { financeDomain } from '../entities.ts';
import { entityTypeOf } from './entity-types.ts';
import { LIST_KEYS, operationNameOf, TYPE_NAMES, typeNameOf, typeNameOfListKey } from './type-names.ts';

test('types and operations are found in any case, and nothing else is', () => {
  expect(typeNameOf('PLANNINGtransaction')).toBe('PlanningTransaction');
  expect(operationNameOf('Initial_Load')).toBe('initial_load');
  for (const name of ['Tenant', 'accounts', '', null, 1, ['Account'], '__proto__', 'constructor']) {
    expect(typeNameOf(name)).toBeNull();
    expect(operationNameOf(name)).toBeNull();
  }
});

test('the nine types are those of the domain that apps sync, each under its list key', () => {
  const synced = financeDomain.entities.filter(({ internal }) => !internal);
  expect(synced.map(({ name }) => name)).toEqual(TYPE_NAMES);
  for (const { name, plural, scope, stamp } of synced) {
    expect(typeNameOfListKey(plural)).toBe(name);
    expect(scope).toBe('tenant');
    expect(stamp).toBe('editedAt');
  }
  expect(Object.values(LIST_KEYS)).toEqual(synced.map(({ plural }) => plural));
});

test('every soft reference is a field, and every field that looks like one is named', () => {
  for (const name of TYPE_NAMES) {
    const fields = [...entityTypeOf(name).fields.keys()];
    const named = SOFT_REFERENCES[name] ?? {};
    expect(fields.filter((field) => /Ids?$/.test(field)).sort()).toEqual(Object.keys(named).sort());
    for (const to of Object.values(named)) expect(typeNameOf(to)).toBe(to);
  }
});
