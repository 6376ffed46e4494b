/** What becomes of an entry, row by row of what the original server did and of what a drop-in one has to do better. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TYPE_NAMES } from '../../domains/finance/src/wire/type-names.ts';
import { type FinanceGround, iso, startFinance } from './ground.ts';
import { caughtUp, change, isUpdateOf, lastOf, two, updatesOf } from './talk.ts';
import { fresh, received } from './whole-entities.ts';

let ground: FinanceGround;
beforeAll(async () => {
  ground = await startFinance();
});
afterAll(() => ground?.close());

const ACK_KEYS = [
  'type',
  'id',
  'entityId',
  'entityType',
  'operationType',
  'status',
  'server_timestamp',
  'checksum',
  'outcome',
  'conflict_id',
];

describe.each(TYPE_NAMES)('%s', (type) => {
  test('create, id unknown: inserted, acknowledged, told to the others as create, whole', async () => {
    const { tenant, a, b } = await two(ground);
    const at = Date.now();
    const sent = fresh(type, { updated_at: iso(at) });
    const ack = await change(a, type, 'create', sent, at);
    expect(Object.keys(ack)).toEqual(ACK_KEYS);
    expect(ack).toMatchObject({
      type: 'sync_ack',
      status: 'processed',
      entityId: sent.id,
      entityType: type,
      operationType: 'create',
      outcome: 'applied',
      conflict_id: null,
      checksum: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(await b.next(isUpdateOf(sent.id))).toEqual({
      event_type: 'data_update',
      tenant_id: tenant,
      entity_type: type,
      operation_type: 'create',
      data: { single_entity: received(type, sent, iso(at)) },
    });
  });

  test('update, newer: overwritten, told to the others as update with its own time', async () => {
    const { a, b } = await two(ground);
    const at = Date.now();
    const sent = fresh(type, { updated_at: iso(at) });
    await change(a, type, 'create', sent, at);
    await b.next(isUpdateOf(sent.id));
    const changed = { ...sent, isActive: false, name: 'New', note: 'n', updated_at: iso(at + 5) };
    expect(await change(a, type, 'update', changed, at + 5)).toMatchObject({ outcome: 'applied' });
    const update = await b.next(({ operation_type }) => operation_type === 'update');
    expect(update.data.single_entity.updated_at).toBe(iso(at + 5));
    for (const key of ['isActive', 'name', 'note'].filter((one) => one in update.data.single_entity))
      expect(update.data.single_entity[key]).toBe(changed[key]);
  });

  test('update, id unknown: inserted, told to the others as create', async () => {
    const { a, b } = await two(ground);
    const sent = fresh(type);
    expect(await change(a, type, 'update', sent)).toMatchObject({ type: 'sync_ack', outcome: 'applied' });
    expect(await b.next(isUpdateOf(sent.id))).toMatchObject({
      entity_type: type,
      operation_type: 'create',
      data: { single_entity: sent },
    });
  });

  test('delete, known: told to the others as delete, with the id alone', async () => {
    const { tenant, a, b } = await two(ground);
    const sent = fresh(type);
    await change(a, type, 'create', sent);
    await b.next(isUpdateOf(sent.id));
    const ack = await change(a, type, 'delete', sent);
    expect(ack).toMatchObject({
      type: 'sync_ack',
      operationType: 'delete',
      outcome: 'applied',
      checksum: null,
    });
    expect(await b.next(({ operation_type }) => operation_type === 'delete')).toEqual({
      event_type: 'data_update',
      tenant_id: tenant,
      entity_type: type,
      operation_type: 'delete',
      data: { single_entity: { id: sent.id } },
    });
  });

  test('delete, id unknown: acknowledged, told to the others', async () => {
    const { a, b } = await two(ground);
    const sent = fresh(type);
    expect(await change(a, type, 'delete', sent)).toMatchObject({ type: 'sync_ack', outcome: 'applied' });
    expect(await b.next(isUpdateOf(sent.id))).toMatchObject({ operation_type: 'delete' });
  });
});

describe.each(['AccountGroup', 'Category', 'AutomationRule', 'Transaction'] as const)(
  '%s, made by another device and not seen here',
  (type) => {
    const field = { AccountGroup: 'name', Category: 'name', AutomationRule: 'name', Transaction: 'note' }[
      type
    ];
    const record = async () => {
      // It answers no ping, so nobody knows what it has seen.
      const pair = await two(ground, { silent: true });
      const at = Date.now() - 60_000;
      const sent = fresh(type, { [field]: 'theirs', updated_at: iso(at) });
      await change(pair.a, type, 'create', sent, at);
      await pair.b.next(isUpdateOf(sent.id));
      return { ...pair, at, sent, mine: { ...sent, [field]: 'mine' } };
    };

    test.each(['create', 'update'] as const)('%s, newer: it wins, and the others hear', async (operation) => {
      const { a, b, at, sent, mine } = await record();
      const later = { ...mine, updated_at: iso(at + 1_000) };
      expect(await change(b, type, operation, later, at + 1_000)).toMatchObject({
        type: 'sync_ack',
        operationType: operation,
        outcome: 'conflict',
      });
      expect(await a.next(isUpdateOf(sent.id))).toMatchObject({
        operation_type: 'update',
        data: { single_entity: { [field]: 'mine', updated_at: iso(at + 1_000) } },
      });
    });

    test.each(['create', 'update'] as const)(
      '%s, older: acknowledged, and the sender gets what stands, as newer than its own',
      async (operation) => {
        const { a, b, at, sent, mine } = await record();
        const from = b.received.length;
        const ack = await change(b, type, operation, { ...mine, updated_at: iso(at - 1_000) }, at - 1_000);
        expect(ack).toMatchObject({ type: 'sync_ack', outcome: 'conflict' });
        const told = await b.next(isUpdateOf(sent.id), from);
        expect(b.received.indexOf(told)).toBeGreaterThan(b.received.indexOf(ack));
        expect(told.data.single_entity[field]).toBe('theirs');
        expect(Date.parse(told.data.single_entity.updated_at)).toBeGreaterThan(at - 1_000);
        await caughtUp(b, a);
        expect(lastOf(a, sent.id)?.[field] ?? 'theirs').toBe('theirs');
      },
    );

    test('update at the same time: all end with the same value, whoever wins', async () => {
      const { a, b, at, sent, mine } = await record();
      const from = b.received.length;
      const ack = await change(b, type, 'update', { ...mine, updated_at: iso(at) }, at);
      expect(ack).toMatchObject({ type: 'sync_ack', outcome: 'conflict' });
      await Promise.all([caughtUp(a, b), caughtUp(b, a)]);
      const its = b.received.slice(from).find(isUpdateOf(sent.id))?.data.single_entity;
      // Whoever has to take the other's value gets it with a time that is newer than its own.
      const taken = lastOf(a, sent.id)?.[field] === 'mine' ? lastOf(a, sent.id) : its;
      expect(taken).toBeDefined();
      expect(Date.parse(taken.updated_at)).toBeGreaterThan(at);
    });

    test('without any time: made now', async () => {
      const { a, b, sent, mine } = await record();
      const { updated_at: _, ...timeless } = mine;
      const none = { timestamp: undefined, lastAttempt: undefined };
      expect(await change(b, type, 'update', timeless, 0, none)).toMatchObject({ type: 'sync_ack' });
      const update = await a.next(isUpdateOf(sent.id));
      expect(update.data.single_entity[field]).toBe('mine');
      expect(Date.now() - Date.parse(update.data.single_entity.updated_at)).toBeLessThan(30_000);
    });
  },
);

describe('entries that change no record', () => {
  test.each(['Tenant', 'TenantDatabase'])('%s: refused for good', async (type) => {
    const { a } = await two(ground);
    expect(await change(a, type, 'update', { id: a.tenantId, name: 'x' })).toMatchObject({
      type: 'sync_nack',
      status: 'failed',
      reason: 'validation_error',
      entityType: type,
      is_permanent: true,
      retry_after: null,
      code: 'INVALID',
    });
  });

  test.each(['initial_load', 'reset', 'INITIAL_LOAD'])('%s: acknowledged, no effect', async (operation) => {
    const { a, b } = await two(ground);
    const sent = fresh('Tag');
    expect(await change(a, 'Tag', operation, sent)).toMatchObject({
      type: 'sync_ack',
      status: 'processed',
      operationType: operation.toLowerCase(),
    });
    await caughtUp(a, b);
    expect(updatesOf(b, sent.id)).toEqual([]);
  });

  test.each(TYPE_NAMES)(
    'a payload that %s can’t have: validation_error, and the field is named',
    async (type) => {
      const { a } = await two(ground);
      for (const [payload, word] of [
        [fresh(type, { id: 7 }), 'entityId'],
        [{ id: 'x' }, 'missing'],
        [null, 'payload'],
      ] as const) {
        const nack = await change(
          a,
          type,
          'update',
          payload ?? { id: 'x' },
          Date.now(),
          payload === null && { payload },
        );
        expect(nack).toMatchObject({ type: 'sync_nack', reason: 'validation_error', is_permanent: true });
        expect(nack.detail).toContain(word);
      }
    },
  );
});
