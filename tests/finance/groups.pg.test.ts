/** Account groups that are deleted on one device while another puts an account into them. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LEAST } from '../../domains/finance/tests/least-entities.ts';
import { entryOf, type FinanceGround, type Loose, startFinance } from './ground.ts';

let ground: FinanceGround;
beforeAll(async () => {
  ground = await startFinance();
});
afterAll(() => ground.close());

const isA =
  (type: string, operation: string, id: string) =>
  ({ entity_type, operation_type, data }: Loose): boolean =>
    entity_type === type && operation_type === operation && data.single_entity.id === id;

async function withGroup() {
  const tenant = randomUUID();
  const [a, b] = [await ground.app(tenant), await ground.app(tenant)];
  const group = { ...LEAST.AccountGroup, id: randomUUID(), name: 'Bank' };
  const account = { ...LEAST.Account, id: randomUUID(), accountGroupId: group.id };
  await a.entry(entryOf(tenant, 'AccountGroup', 'create', group));
  await b.next(isA('AccountGroup', 'create', group.id));
  await a.settled();
  const from = a.received.length;
  const put = () => b.entry(entryOf(tenant, 'Account', 'create', account));
  const remove = () => a.entry(entryOf(tenant, 'AccountGroup', 'delete', group));
  return { tenant, a, b, group, account, put, remove, from };
}

test.each(['before', 'after'])(
  'an account that came %s the deletion brings it back for all',
  async (order) => {
    const { a, b, group, put, remove } = await withGroup();
    for (const step of order === 'before' ? [put, remove] : [remove, put])
      expect((await step()).type).toBe('sync_ack');
    for (const app of [a, b]) {
      const at = app.received.length;
      const back = await app.next(isA('AccountGroup', 'create', group.id), app === a ? 0 : at);
      expect(back.data.single_entity).toMatchObject({ name: 'Bank' });
    }
  },
);

test('a group that goes with its accounts is gone', async () => {
  const { tenant, a, b, group, account, put, remove, from } = await withGroup();
  await put();
  await remove();
  await b.entry(entryOf(tenant, 'Account', 'delete', account));
  await b.next(isA('AccountGroup', 'delete', group.id));
  // The look at groups that another tenant causes comes after the one of this tenant.
  const other = await withGroup();
  await other.remove();
  await other.put();
  await other.a.next(isA('AccountGroup', 'create', other.group.id), other.from);
  await a.settled();
  expect(a.received.slice(from).some(isA('AccountGroup', 'create', group.id))).toBe(false);
});

test('the deletion is told once more, to apps that still had an account in the group', async () => {
  const { tenant, b, group, account, put, remove } = await withGroup();
  await put();
  await remove();
  await b.next(isA('AccountGroup', 'delete', group.id));
  const from = b.received.length;
  await b.entry(entryOf(tenant, 'Account', 'delete', account));
  await b.next(isA('AccountGroup', 'delete', group.id), from);
});
