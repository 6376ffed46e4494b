/** Values on their way through: money to the cent, and what the server keeps otherwise than it was sent comes back. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, type FinanceGround, iso, type Loose, startFinance } from './ground.ts';
import { caughtUp, change, isUpdateOf, lastOf, two, updatesOf } from './talk.ts';
import { fresh, type TypeName } from './whole-entities.ts';

let ground: FinanceGround;
beforeAll(async () => {
  ground = await startFinance();
});
afterAll(() => ground?.close());

/** As an app that connects later gets it. */
async function loaded(tenant: string, key: string, id: string): Promise<Loose> {
  const app: App = await ground.app(tenant);
  app.send({ type: 'request_initial_data', tenant_id: tenant });
  const { payload } = await app.next(({ event_type }) => event_type === 'initial_data_load');
  return payload[key].find((one: Loose) => one.id === id);
}

describe('money', () => {
  test.each([
    [0.1 + 0.2, 0.3],
    [1.005, 1.01],
    [2.675, 2.68],
    [-1.005, -1.01],
    [0.005, 0.01],
    [-0.001, 0],
    [-0, 0],
    [1e-7, 0],
    [9_999_999_999_999.99, 9_999_999_999_999.99],
    [-9_999_999_999_999.99, -9_999_999_999_999.99],
    [1e12, 1e12],
    [123456.1, 123456.1],
    ['12.50', 12.5],
  ])('%d is kept as %d', async (amount, kept) => {
    const { tenant, a, b } = await two(ground);
    const sent = fresh('Account', { balance: amount, updated_at: iso(Date.now()) });
    expect(await change(a, 'Account', 'create', sent)).toMatchObject({ type: 'sync_ack' });
    const { balance } = (await b.next(isUpdateOf(sent.id))).data.single_entity;
    expect(balance).toBe(kept);
    expect((await loaded(tenant, 'accounts', sent.id)).balance).toBe(kept);
  });

  test.each([1e15, 1e300, -1e15, 'NaN', '1e999', true, [], {}, ''])('%j is no amount', async (balance) => {
    const { a } = await two(ground);
    expect(await change(a, 'Account', 'create', fresh('Account', { balance }))).toMatchObject({
      type: 'sync_nack',
      reason: 'validation_error',
      is_permanent: true,
      detail: expect.stringContaining('balance'),
    });
  });

  test('forty additions of ten cents, each to what was received, make four', async () => {
    const { a, b } = await two(ground);
    let account = fresh('Account', { balance: 0 });
    await change(a, 'Account', 'create', account);
    await b.next(isUpdateOf(account.id));
    for (let step = 1; step <= 40; step++) {
      const from = b.received.length;
      account = { ...account, balance: lastOf(b, account.id).balance + 0.1 };
      await change(a, 'Account', 'update', account);
      await b.next(isUpdateOf(account.id), from);
    }
    expect(lastOf(b, account.id).balance).toBe(4);
  });

  test('an offset with cents', async () => {
    const { a, b } = await two(ground);
    const sent = fresh('Account', { offset: 12.34 });
    expect(await change(a, 'Account', 'create', sent)).toMatchObject({ type: 'sync_ack' });
    expect((await b.next(isUpdateOf(sent.id))).data.single_entity.offset).toBe(12.34);
  });
});

describe('what is kept otherwise than it was sent comes back to the sender, as newer than what it has', () => {
  test.each<[TypeName, string, unknown, unknown]>([
    ['Transaction', 'amount', 1.005, 1.01],
    ['Transaction', 'runningBalance', 0.1 + 0.2, 0.3],
    ['Transaction', 'type', 'expense', 'EXPENSE'],
    ['Account', 'accountType', 'Depot', 'depot'],
    ['Account', 'accountType', undefined, 'sonstiges'],
    ['PlanningTransaction', 'recurrencePattern', 'monthly', 'MONTHLY'],
    ['AutomationRule', 'conditionLogic', 'ANY', 'any'],
  ])('%s.%s: %s → %s', async (type, field, value, kept) => {
    const { a, b } = await two(ground);
    const at = Date.now();
    const sent = fresh(type, { [field]: value, updated_at: iso(at) });
    const ack = await change(a, type, 'create', sent, at);
    const told = await a.next(isUpdateOf(sent.id));
    expect(a.received.indexOf(told)).toBeGreaterThan(a.received.indexOf(ack));
    expect(told.data.single_entity[field]).toBe(kept);
    expect(Date.parse(told.data.single_entity.updated_at)).toBeGreaterThan(at);
    expect((await b.next(isUpdateOf(sent.id))).data).toEqual(told.data);
  });

  test('and what is kept as it was sent does not', async () => {
    const { a, b } = await two(ground);
    const sent = fresh('Transaction', { amount: 12.34, updated_at: iso(Date.now()) });
    await change(a, 'Transaction', 'create', sent, Date.parse(sent.updated_at));
    await Promise.all([caughtUp(a, b), caughtUp(b, a)]);
    expect(updatesOf(b, sent.id)).toHaveLength(1);
    expect(updatesOf(a, sent.id)).toEqual([]);
  });
});

describe('oddities of the app', () => {
  test('keys that nobody knows are dropped; recipient_id is read as recipientId', async () => {
    const { a, b } = await two(ground);
    const { recipientId: _, ...rest } = fresh('Transaction', { recipient_id: 'r-1', originalCategory: 'x' });
    const sent = { ...rest, _skipAutoRecipientMatching: true };
    await change(a, 'Transaction', 'create', sent);
    const told = (await b.next(isUpdateOf(sent.id))).data.single_entity;
    expect(told.recipientId).toBe('r-1');
    expect(Object.keys(told).filter((key) => /recipient_id|original|_skip/.test(key))).toEqual([]);
  });

  test('an edit of a category group, and of the category that no app ever created', async () => {
    const { a, b } = await two(ground);
    const group = fresh('CategoryGroup', { updated_at: iso(Date.now() - 1_000) });
    await change(a, 'CategoryGroup', 'create', group, Date.now() - 1_000);
    expect(await change(a, 'CategoryGroup', 'update', { ...group, name: 'Else' })).toMatchObject({
      outcome: 'applied',
    });
    const free = fresh('Category', { name: 'Verfügbare Mittel', sortOrder: 9_999 });
    expect(await change(a, 'Category', 'update', free)).toMatchObject({ outcome: 'applied' });
    await caughtUp(a, b);
    expect(lastOf(b, group.id).name).toBe('Else');
    expect(lastOf(b, free.id).name).toBe('Verfügbare Mittel');
  });

  test.each([
    ['2025-01-02T03:04:05.678+02:00', '2025-01-02T01:04:05.678Z'],
    ['2025-01-02T03:04:05', '2025-01-02T03:04:05.000Z'],
    ['2025-01-02 03:04:05.678901', '2025-01-02T03:04:05.678Z'],
  ])('createdAt %s is sent as %s', async (createdAt, kept) => {
    const { a, b } = await two(ground);
    const sent = fresh('Transaction', { createdAt });
    await change(a, 'Transaction', 'create', sent);
    expect((await b.next(isUpdateOf(sent.id))).data.single_entity.createdAt).toBe(kept);
  });

  test('text of every script, quotes, line ends and signs beyond the basic plane come as they went', async () => {
    const { a, b } = await two(ground);
    const name = 'Ä"\\\n\t\u2028 \u0001 漢字 👩‍👩‍👧 \u202e end';
    const sent = fresh('Tag', { name });
    await change(a, 'Tag', 'create', sent);
    expect((await b.next(isUpdateOf(sent.id))).data.single_entity.name).toBe(name);
  });

  test.each([
    [
      'AccountGroup',
      { id: 'g1', name: 'Bär & Co', sortOrder: 2, logo_path: null },
      '2025-01-02T03:04:05.678Z',
      '691de10f045cb2dcfc59255ef8d99a24',
    ],
    [
      'Account',
      { ...fresh('Account'), id: 'a1', name: 'Giro', accountType: 'giro', balance: 100 },
      '2025-01-02T03:04:05Z',
      'd4c0ad1f369c411fbffd51e74dc1c382',
    ],
  ])(
    'the checksum of an answer is that of the original server: %s',
    async (type, entity, updated_at, checksum) => {
      const { a } = await two(ground);
      const at = Date.parse(updated_at);
      expect(await change(a, type, 'create', { ...entity, updated_at }, at)).toMatchObject({ checksum });
    },
  );
});
