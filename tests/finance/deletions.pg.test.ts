/** Nothing that was deleted comes back by an old change; what was edited later does, and all hear of it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TYPE_NAMES } from '../../domains/finance/src/wire/type-names.ts';
import { type FinanceGround, iso, startFinance } from './ground.ts';
import { caughtUp, change, isUpdateOf, seen, two, updatesOf } from './talk.ts';
import { fresh, type TypeName } from './whole-entities.ts';

let ground: FinanceGround;
beforeAll(async () => {
  ground = await startFinance();
});
afterAll(() => ground?.close());

const MINUTE = 60_000;
const operations = (messages: readonly { operation_type: string }[]) =>
  messages.map(({ operation_type }) => operation_type);

/** Made and deleted by `a`; `b` has heard of both. */
async function grave(type: TypeName) {
  const pair = await two(ground);
  const at = Date.now() - 10 * MINUTE;
  const sent = fresh(type, { updated_at: iso(at) });
  await change(pair.a, type, 'create', sent, at);
  await change(pair.a, type, 'delete', sent, at + MINUTE);
  await pair.b.next(({ operation_type }) => operation_type === 'delete');
  return { ...pair, sent, at, deletedAt: at + MINUTE };
}

const stored = async (tenant: string, id: string) =>
  (
    await ground.sql(`SELECT tombstone IS NULL AS live FROM record WHERE scope_id = $1 AND id = $2`, [
      `tenant:${tenant}`,
      `${tenant}/${id}`,
    ])
  )[0];

describe.each(['Account', 'Category', 'PlanningTransaction', 'Transaction'] as const)('%s', (type) => {
  test.each(['create', 'update'] as const)(
    'a stale %s raises nothing, and its sender is told',
    async (operation) => {
      const { tenant, a, b, sent, deletedAt } = await grave(type);
      const from = b.received.length;
      const stale = { ...sent, isActive: false, note: 'late', updated_at: iso(deletedAt - 1_000) };
      const ack = await change(b, type, operation, stale, deletedAt - 1_000);
      expect(ack).toMatchObject({ type: 'sync_ack', checksum: null, outcome: 'conflict' });
      expect(await b.next(isUpdateOf(sent.id), from)).toMatchObject({
        operation_type: 'delete',
        data: { single_entity: { id: sent.id } },
      });
      await caughtUp(b, a);
      expect(operations(updatesOf(a, sent.id))).not.toContain('create');
      expect(await stored(tenant, sent.id)).toEqual({ live: false });
    },
  );

  test('a later edit brings it back, to all as create', async () => {
    const { tenant, a, b, sent, deletedAt } = await grave(type);
    const at = deletedAt + 1_000;
    const later = { ...sent, isActive: false, note: 'later', updated_at: iso(at) };
    const ack = await change(b, type, 'update', later, at);
    expect(ack).toMatchObject({ type: 'sync_ack', checksum: expect.any(String) });
    expect(await a.next(isUpdateOf(sent.id))).toMatchObject({
      operation_type: 'create',
      data: { single_entity: { id: sent.id, updated_at: expect.any(String) } },
    });
    expect(await stored(tenant, sent.id)).toEqual({ live: true });
  });

  test('a deletion that is older than an edit it has not seen loses, and all get the record again', async () => {
    const { tenant, a, b } = await two(ground, { silent: true });
    const at = Date.now() - 10 * MINUTE;
    const sent = fresh(type, { updated_at: iso(at) });
    await change(a, type, 'create', sent, at);
    await b.next(isUpdateOf(sent.id));
    const from = b.received.length;
    const ack = await change(b, type, 'delete', sent, at - MINUTE);
    expect(ack).toMatchObject({ type: 'sync_ack', outcome: 'conflict', checksum: expect.any(String) });
    const told = await b.next(isUpdateOf(sent.id), from);
    expect(['create', 'update']).toContain(told.operation_type);
    expect(Date.parse(told.data.single_entity.updated_at)).toBeGreaterThan(at - MINUTE);
    expect(await stored(tenant, sent.id)).toEqual({ live: true });
  });

  test('a deletion by who has seen the record is no conflict, whatever its clock says', async () => {
    const { tenant, a, b } = await two(ground);
    const sent = fresh(type, { updated_at: iso(Date.now()) });
    await seen(b, async () => {
      await change(a, type, 'create', sent);
      await b.next(isUpdateOf(sent.id));
    });
    expect(await change(b, type, 'delete', sent, 1_000)).toMatchObject({ outcome: 'applied' });
    expect(await stored(tenant, sent.id)).toEqual({ live: false });
  });
});

describe.each(TYPE_NAMES)('%s', (type) => {
  test('a create that comes after the deletion of its id meets the tombstone', async () => {
    const { tenant, a, b } = await two(ground);
    const at = Date.now();
    const sent = fresh(type, { updated_at: iso(at - MINUTE) });
    await change(a, type, 'delete', sent, at);
    const ack = await change(b, type, 'create', sent, at - MINUTE);
    expect(ack).toMatchObject({ type: 'sync_ack', checksum: null });
    await caughtUp(b, a);
    expect(operations(updatesOf(a, sent.id))).not.toContain('create');
    expect(await stored(tenant, sent.id)).toEqual({ live: false });
  });

  test('deleted twice: acknowledged twice', async () => {
    const { a, b, sent } = await grave(type);
    expect(await change(a, type, 'delete', sent)).toMatchObject({ type: 'sync_ack', checksum: null });
    expect(await change(b, type, 'delete', sent)).toMatchObject({ type: 'sync_ack', checksum: null });
  });
});
