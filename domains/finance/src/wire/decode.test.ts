// What the app sends, as it is stored.
import { describe, expect, test } from 'vitest';
import { LEAST } from '../../tests/least-entities.ts';
import { decodeEntity } from './decode.ts';
import { entityTypeOf, wireNameOf } from './entity-types.ts';
import { TYPE_NAMES, type TypeName } from './type-names.ts';

function decoded(type: TypeName, more: { [key: string]: unknown } = {}) {
  const result = decodeEntity(type, { ...LEAST[type], ...more });
  if (!result.ok) throw new Error(result.message);
  return result;
}

const refusal = (type: TypeName, more: { [key: string]: unknown }) => {
  const result = decodeEntity(type, { ...LEAST[type], ...more });
  return result.ok ? null : result;
};

describe.each(TYPE_NAMES)('%s', (type) => {
  test('needs no more than its required fields, and has every field then', () => {
    const { id, fields } = decoded(type);
    expect(id).toBe(LEAST[type].id);
    const stored = [...entityTypeOf(type).fields.keys()].filter((name) => name !== 'editedAt');
    expect(Object.keys(fields).sort()).toEqual(stored.sort());
    expect(Object.values(fields)).not.toContain(undefined);
  });

  test.each(Object.keys(LEAST[type]))('is refused without %s', (key) => {
    const { [key]: _, ...rest } = LEAST[type];
    for (const payload of [rest, { ...rest, [key]: null }]) {
      const result = decodeEntity(type, payload);
      expect(result).toMatchObject({ ok: false, field: key });
      expect(!result.ok && result.message).toContain(key);
    }
  });

  test('takes null for everything else, and stores null', () => {
    for (const field of entityTypeOf(type).fields.values()) {
      if (!field.nullable || field.serverOwned) continue;
      const { fields, normalized } = decoded(type, { [wireNameOf(field.name)]: null });
      expect(fields[field.name]).toBeNull();
      expect(normalized).toBe(
        [...entityTypeOf(type).fields.values()].some(
          (other) => other.name !== field.name && (other.defaultValue ?? null) !== null,
        ),
      );
    }
  });

  test('refuses a list or a text in every field but those that take them', () => {
    for (const field of entityTypeOf(type).fields.values()) {
      if (field.serverOwned) continue;
      const key = wireNameOf(field.name);
      expect(refusal(type, { [key]: [['x']] })?.field, key).toBe(key);
      if (field.kind !== 'text') expect(refusal(type, { [key]: 'no such word' })?.field, key).toBe(key);
    }
  });
});

test('what is left out gets its default, and its sender is told', () => {
  expect(decoded('Account')).toMatchObject({
    fields: { accountType: 'sonstiges', sortOrder: 0, creditLimit: null },
    normalized: true,
  });
  expect(decoded('Account', { accountType: 'giro', sortOrder: 1 }).normalized).toBe(false);
  expect(decoded('AutomationRule').fields).toMatchObject({ conditionLogic: 'all' });
  expect(decoded('Recipient').normalized).toBe(false);
});

test.each([
  [-12.34, '-12.34', false],
  [1.005, '1.01', true],
  [0.1 + 0.2, '0.3', true],
  [-0, '0', false],
  [1e12, '1000000000000', false],
  ['12.50', '12.5', true],
])('the amount %s is stored as %s', (amount, stored, normalized) => {
  const result = decoded('Transaction', {
    amount,
    isReconciliation: false,
    isCategoryTransfer: false,
    reconciled: false,
  });
  expect(result.fields.amount).toBe(stored);
  expect(result.normalized).toBe(normalized);
});

test('an amount is refused when it is too large, or is none', () => {
  for (const amount of [1e14, -1e21, '1,5', '', true, [1], { value: 1 }])
    expect(refusal('Transaction', { amount })).toMatchObject({ field: 'amount' });
});

test('an emptied input of an optional number is null', () => {
  expect(decoded('Account', { creditLimit: '' }).fields.creditLimit).toBeNull();
  expect(decoded('Category', { priority: '' }).fields.priority).toBeNull();
});

test('whole numbers', () => {
  expect(decoded('AccountGroup', { sortOrder: '7.0' }).fields.sortOrder).toBe(7);
  expect(decoded('AccountGroup', { sortOrder: JSON.parse('3.0') })).toMatchObject({
    fields: { sortOrder: 3 },
    normalized: false,
  });
  for (const sortOrder of [1.5, '1.5', '1.004', 2 ** 31, 'x'])
    expect(refusal('AccountGroup', { sortOrder })?.message).toMatch(/^sortOrder must be/);
});

test('the offset of an account may have cents', () => {
  expect(decoded('Account', { offset: 12.34 }).fields.offset).toBe('12.34');
});

test('a word in another case is stored as it is known, an unknown one as it came where any is taken', () => {
  expect(decoded('Account', { accountType: 'GIRO' })).toMatchObject({
    fields: { accountType: 'giro' },
    normalized: true,
  });
  expect(decoded('Transaction', { type: 'expense' }).fields.type).toBe('EXPENSE');
  expect(decoded('Transaction', { type: 'Gift' }).fields.type).toBe('Gift');
  expect(decoded('PlanningTransaction', { weekendHandling: 'after' }).fields.weekendHandling).toBe('AFTER');
  expect(decoded('AutomationRule', { stage: 'post', conditionLogic: 'ANY' }).fields).toMatchObject({
    stage: 'POST',
    conditionLogic: 'any',
  });
  expect(refusal('PlanningTransaction', { amountType: 'about' })?.message).toBe(
    'amountType must be one of EXACT, APPROXIMATE, RANGE.',
  );
});

test('recipient_id is another name of recipientId, which counts where both are there', () => {
  for (const type of ['Transaction', 'PlanningTransaction'] as const) {
    expect(decoded(type, { recipient_id: 'r1' })).toMatchObject({
      fields: { recipientId: 'r1' },
      normalized: true,
    });
    expect(decoded(type, { recipientId: null, recipient_id: 'r1' }).fields.recipientId).toBeNull();
    expect(decoded(type, { recipientId: 'r2', recipient_id: 'r1' }).fields.recipientId).toBe('r2');
  }
});

test('unknown keys are tolerated and not kept, at any level', () => {
  const plain = decoded('Recipient');
  const more = JSON.parse('{"originalCategory":"x","_skip":{"a":[1]},"__proto__":{"note":"y"},"logoPath":1}');
  expect(decoded('Recipient', more)).toEqual(plain);
  const conditions = [{ type: 'account_is', operator: 'equals', value: ['a'], hint: 1 }];
  const actions = [{ type: 'Beep', value: 3 }];
  expect(decoded('AutomationRule', { conditions, actions, conditionLogic: 'all' })).toMatchObject({
    fields: {
      conditions: [{ type: 'ACCOUNT_IS', operator: 'equals', value: ['a'] }],
      actions: [{ type: 'Beep', field: null, value: 3 }],
    },
    normalized: true,
  });
  expect(decoded('AutomationRule', { actions, conditionLogic: 'all' }).normalized).toBe(false);
});

test.each([
  [{ note: 'a\0b' }, 'note'],
  [{ note: '\ud800' }, 'note'],
  [{ name: 'x'.repeat(100_001) }, 'name'],
  [{ defaultCategoryId: 'x'.repeat(65) }, 'defaultCategoryId'],
  [{ id: 'x'.repeat(65) }, 'id'],
  [{ id: '' }, 'id'],
  [{ id: 7 }, 'id'],
  [{ id: 'a\udc00' }, 'id'],
])('ill-formed and too long texts are refused by name (%#)', (more, field) => {
  const result = refusal('Recipient', more);
  expect(result?.field).toBe(field);
  expect(result?.message).toMatch(new RegExp(`^${field} must`));
});

test('lists keep their order, and are refused with anything else in them', () => {
  expect(decoded('Transaction', { tagIds: ['b', 'a', 'b'] }).fields.tagIds).toEqual(['b', 'a', 'b']);
  for (const tagIds of ['a', [1], [null], [['a']], { 0: 'a' }])
    expect(refusal('Transaction', { tagIds })?.field).toBe('tagIds');
  for (const conditions of [[1], [{}], [{ type: 1 }], [{ type: 'x', operator: 1 }], [null], 'x'])
    expect(refusal('AutomationRule', { conditions })?.field).toBe('conditions');
  const deep = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000));
  expect(refusal('AutomationRule', { conditions: [{ type: 'x', value: deep }] })?.field).toBe('conditions');
});

test.each([[null], [undefined], [1], ['x'], [[]], [[{ id: 'a' }]]])('%j is no entity', (payload) => {
  expect(decodeEntity('Tag', payload)).toMatchObject({ ok: false, field: null });
});

describe('times', () => {
  const time = Date.UTC(2025, 0, 2, 3, 4, 5, 678);
  const older = '2025-01-02T03:04:05.600Z';

  test.each([
    ['2025-01-02T03:04:05.678Z'],
    ['2025-01-02T03:04:05.678'],
    ['2025-01-02 03:04:05.678123'],
    ['2025-01-02T05:04:05.678+02:00'],
    ['2025-01-01T22:04:05.678-0500'],
  ])('%s is read as UTC unless it names another zone', (updated_at) => {
    expect(decoded('Tag', { updated_at })).toMatchObject({ sentAt: time, sentStamp: time });
  });

  test('the later one is the edit; what the app keeps is updatedAt', () => {
    const fresh = '2025-01-02T03:04:05.678Z';
    expect(decoded('Tag', { updated_at: older, updatedAt: fresh })).toMatchObject({
      sentAt: time,
      sentStamp: time,
    });
    expect(decoded('Tag', { updated_at: fresh, updatedAt: older })).toMatchObject({
      sentAt: time,
      sentStamp: time - 78,
    });
    expect(decoded('Tag', { updated_at: fresh, updatedAt: null }).sentStamp).toBe(time);
  });

  test.each(['', 'yesterday', '2025-02-30T00:00:00Z', '2025-01-02T25:00:00Z', 1_735_787_045, {}, null])(
    '%j is no time',
    (updated_at) => {
      expect(decoded('Tag', { updated_at })).toMatchObject({ sentAt: null, sentStamp: null });
    },
  );

  test('createdAt of a transaction is stored in UTC', () => {
    expect(decoded('Transaction', { createdAt: '2025-01-02T03:04:05' }).fields.createdAt).toBe(
      '2025-01-02T03:04:05.000Z',
    );
    expect(refusal('Transaction', { createdAt: 'soon' })?.field).toBe('createdAt');
  });
});
