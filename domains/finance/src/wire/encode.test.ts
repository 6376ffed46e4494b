// What the app is sent, and that it reads back what it sent.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LEAST } from '../../tests/least-entities.ts';
import { decodeEntity } from './decode.ts';
import { encodeEntity } from './encode.ts';
import { entityTypeOf, wireNameOf } from './entity-types.ts';
import { TYPE_NAMES } from './type-names.ts';

test.each(TYPE_NAMES)('%s has every key, null where it is empty', (type) => {
  const decoded = decodeEntity(type, LEAST[type]);
  if (!decoded.ok) throw new Error(decoded.message);
  const editedAt = '2025-01-02T03:04:05.678Z';
  const wire = JSON.parse(encodeEntity(type, decoded.id, { ...decoded.fields, editedAt }));
  const keys = ['id', ...[...entityTypeOf(type).fields.keys()].map(wireNameOf)];
  const twice = type === 'Transaction' || type === 'PlanningTransaction';
  expect(Object.keys(wire).sort()).toEqual([...keys, ...(twice ? ['updatedAt'] : [])].sort());
  expect(wire).toMatchObject({ ...LEAST[type], updated_at: editedAt });
  if (twice) expect(wire.updatedAt).toBe(editedAt);
  for (const field of entityTypeOf(type).fields.values())
    if (field.nullable && !field.hasDefault && !field.serverOwned)
      expect(wire[wireNameOf(field.name)]).toBeNull();
});

test('decimals are plain numbers, a field that is not there is null, and text is escaped', () => {
  const text = encodeEntity('Account', 'a"1', {
    name: 'A\n"\\\u2028😀',
    balance: '1234567890123.45',
    creditLimit: '0',
    offset: '-0.01',
    logoPath: 't/x.png',
  });
  expect(text).toContain('"balance":1234567890123.45,"creditLimit":0,"offset":-0.01');
  expect(JSON.parse(text)).toMatchObject({
    id: 'a"1',
    name: 'A\n"\\\u2028😀',
    description: null,
    logo_path: 't/x.png',
    updated_at: null,
  });
});

test('what was sent comes back, and is stored alike when it is sent again', () => {
  const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));
  const money = fc.integer({ min: -1e15 + 1, max: 1e15 - 1 }).map((cents) => cents / 100);
  const json = fc.oneof(text, fc.integer(), fc.array(text, { maxLength: 3 }));
  const transaction = fc.record({
    id: fc.uuid(),
    accountId: fc.uuid(),
    categoryId: fc.option(fc.uuid()),
    date: fc.constant('2025-01-02'),
    valueDate: fc.constant('2025-01-03'),
    amount: money,
    description: fc.option(text),
    note: fc.option(text),
    tagIds: fc.option(fc.array(fc.uuid(), { maxLength: 3 })),
    type: fc.constantFrom('EXPENSE', 'INCOME', 'else'),
    runningBalance: money,
    isReconciliation: fc.option(fc.boolean()),
    isCategoryTransfer: fc.boolean(),
    reconciled: fc.boolean(),
  });
  const rule = fc.record({
    id: fc.uuid(),
    name: text,
    stage: fc.constant('PRE'),
    priority: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    isActive: fc.boolean(),
    conditionLogic: fc.constantFrom('all', 'any', null),
    conditions: fc.option(fc.array(fc.record({ type: text, operator: text, value: json }), { maxLength: 3 })),
    actions: fc.option(fc.array(fc.record({ type: text, value: json }), { maxLength: 3 })),
  });
  const sent = fc.oneof(
    transaction.map((payload) => ({ type: 'Transaction' as const, payload })),
    rule.map((payload) => ({ type: 'AutomationRule' as const, payload })),
  );
  fc.assert(
    fc.property(sent, ({ type, payload }) => {
      const first = decodeEntity(type, payload);
      if (!first.ok) throw new Error(first.message);
      const wire = JSON.parse(encodeEntity(type, first.id, first.fields));
      for (const [key, value] of Object.entries(payload))
        if (key !== 'conditions' && key !== 'actions') expect(wire[key]).toEqual(value === 0 ? 0 : value);
      const second = decodeEntity(type, wire);
      expect(second).toMatchObject({ ok: true, id: first.id, fields: first.fields, normalized: false });
    }),
  );
});
