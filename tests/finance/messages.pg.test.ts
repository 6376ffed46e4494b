/** Every message of an app, and what it is answered: types, members, and nothing beside them. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, entryOf, type FinanceGround, type Loose, startFinance } from './ground.ts';
import { caughtUp, change, isUpdateOf, two, updatesOf } from './talk.ts';
import { fresh } from './whole-entities.ts';

let ground: FinanceGround;
beforeAll(async () => {
  ground = await startFinance();
});
afterAll(() => ground?.close());

async function ask(app: App, message: Loose, answer: string): Promise<Loose> {
  const from = app.received.length;
  app.send(message);
  return app.next(({ type }) => type === answer, from);
}

describe.each(['', '/ws_finwise'])('%s/ws/{tenant}', (prefix) => {
  test('status comes first, before anything was asked', async () => {
    const app = await ground.app(randomUUID(), { prefix });
    expect(app.received[0]).toEqual({ type: 'status', status: 'online' });
    await app.settled();
    expect(app.received).toHaveLength(2);
  });

  test.each([1_700_000_000_000, 0, 1.5, '2025'])('ping %j: pong with the same', async (timestamp) => {
    const app = await ground.app(randomUUID(), { prefix });
    expect(await ask(app, { type: 'ping', timestamp }, 'pong')).toEqual({ type: 'pong', timestamp });
  });
});

test('both addresses lead to the same tenant', async () => {
  const tenant = randomUUID();
  const [a, b] = [await ground.app(tenant), await ground.app(tenant, { prefix: '/ws_finwise' })];
  const sent = fresh('Tag');
  await change(a, 'Tag', 'create', sent);
  expect(await b.next(isUpdateOf(sent.id))).toMatchObject({ tenant_id: tenant });
});

test('a ping without a time, or with something that is none: pong', async () => {
  const app = await ground.app(randomUUID());
  expect(await ask(app, { type: 'ping' }, 'pong')).toEqual({ type: 'pong' });
  expect(await ask(app, { type: 'ping', timestamp: { a: 1 } }, 'pong')).toEqual({ type: 'pong' });
});

test('a pong is not answered', async () => {
  const app = await ground.app(randomUUID());
  app.send({ type: 'pong', timestamp: 1 });
  await app.settled();
  expect(app.received.map(({ type }) => type)).toEqual(['status', 'pong']);
});

describe('tenant_disconnect', () => {
  test.each(['user_logout', 'tenant_switch', undefined])('because of %s', async (reason) => {
    const app = await ground.app(randomUUID());
    const message = { type: 'tenant_disconnect', tenant_id: app.tenantId, reason };
    expect(await ask(app, message, 'tenant_disconnect_ack')).toEqual({
      type: 'tenant_disconnect_ack',
      tenant_id: app.tenantId,
      status: 'success',
    });
    // The app closes it, or not.
    await app.settled();
  });

  test('of another tenant', async () => {
    const app = await ground.app(randomUUID());
    const message = { type: 'tenant_disconnect', tenant_id: randomUUID() };
    expect(await ask(app, message, 'tenant_disconnect_ack')).toEqual({
      type: 'tenant_disconnect_ack',
      tenant_id: app.tenantId,
      status: 'error',
      message: expect.any(String),
    });
  });
});

test('connection_status_request: counts of the own tenant alone', async () => {
  const { tenant, a, b } = await two(ground);
  await two(ground);
  const answer = await ask(a, { type: 'connection_status_request' }, 'connection_status_response');
  expect(answer).toEqual({
    type: 'connection_status_response',
    tenant_id: tenant,
    backend_status: 'online',
    connection_healthy: true,
    stats: { total_connections: 2, healthy_connections: 2, tenant_count: 1, heartbeat_active: true },
  });
  await b.close();
  // The server hears of the end on another way.
  await expect
    .poll(async () => {
      const { stats } = await ask(a, { type: 'connection_status_request' }, 'connection_status_response');
      return stats.total_connections;
    })
    .toBe(1);
});

describe('the queue of entries that are tried again, when nothing is wrong', () => {
  const nothing = { processed_count: 0, successful_count: 0, failed_count: 0, failed_entries: [] };

  test.each([
    [
      'process_sync_queue',
      { use_staged_sync: false },
      'sync_queue_status',
      { ...nothing, has_pending_entries: false },
    ],
    ['retry_failed_entries', {}, 'sync_queue_status', { ...nothing, has_pending_entries: false }],
    [
      'get_sync_queue_status',
      {},
      'sync_queue_status_info',
      { pending_count: 0, failed_count: 0, retryable_count: 0, has_pending_entries: false },
    ],
    [
      'trigger_cyclic_sync',
      {},
      'cyclic_sync_result',
      {
        triggered: true,
        total_processed: 0,
        total_successful: 0,
        total_failed: 0,
        reason: null,
        error: null,
      },
    ],
  ])('%s', async (type, more, answer, members) => {
    const app = await ground.app(randomUUID());
    const message = { type, tenant_id: app.tenantId, ...more };
    expect(await ask(app, message, answer)).toEqual({ type: answer, tenant_id: app.tenantId, ...members });
  });

  test('get_sync_status: the time of the last commit is real', async () => {
    const app = await ground.app(randomUUID());
    const request = { type: 'get_sync_status', tenant_id: app.tenantId };
    const status = { type: 'sync_status', tenant_id: app.tenantId, queue_length: 0 };
    const rest = { sync_in_progress: false, failed_entries_count: 0 };
    expect(await ask(app, request, 'sync_status')).toEqual({ ...status, ...rest, last_sync_time: null });
    const before = Math.floor(Date.now() / 1_000);
    await change(app, 'Tag', 'create', fresh('Tag'));
    const after = await ask(app, request, 'sync_status');
    expect(after).toEqual({ ...status, ...rest, last_sync_time: expect.any(Number) });
    expect(after.last_sync_time).toBeGreaterThanOrEqual(before);
    expect(after.last_sync_time).toBeLessThanOrEqual(Math.ceil(Date.now() / 1_000));
  });
});

describe('data_update', () => {
  test('goes to every other socket, in the order of the commits, and not to the sender', async () => {
    const tenant = randomUUID();
    const apps = await Promise.all(Array.from({ length: 5 }, () => ground.app(tenant)));
    const [writer, ...others] = apps as [App, ...App[]];
    const at = Date.now();
    const time = new Date(at).toISOString();
    const tags = Array.from({ length: 40 }, () => fresh('Tag', { updated_at: time }));
    await Promise.all(tags.map((tag) => change(writer, 'Tag', 'create', tag, at)));
    // Of a tag that is made and deleted before a busy server gets to tell of it, only the end is told.
    await caughtUp(others[0]!, writer, ...others);
    await Promise.all(tags.map((tag) => change(writer, 'Tag', 'delete', tag, at + 1)));
    await caughtUp(others[0]!, writer, ...others);
    const order = (app: App) =>
      app.received
        .filter(({ event_type }) => event_type === 'data_update')
        .map(({ operation_type, data }) => `${operation_type} ${data.single_entity.id}`);
    const [first, ...rest] = others.map(order);
    expect(first).toHaveLength(80 + 2);
    for (const one of rest) expect(one).toEqual(first);
    expect(order(writer)).toHaveLength(2);
  });

  test('two sockets of one app: the other one hears of what the first one sent, and both are answered', async () => {
    const { tenant, a, b } = await two(ground);
    const sent = fresh('Category');
    const entry = entryOf(tenant, 'Category', 'create', sent);
    expect(await a.entry(entry)).toMatchObject({ type: 'sync_ack' });
    expect(await b.next(isUpdateOf(sent.id))).toMatchObject({ operation_type: 'create' });
    const edit = { ...sent, name: 'through the other' };
    expect(await change(b, 'Category', 'update', edit)).toMatchObject({ type: 'sync_ack' });
    expect((await a.next(({ operation_type }) => operation_type === 'update')).data.single_entity.name).toBe(
      'through the other',
    );
  });

  test('a socket that has left gets nothing, and holds up nobody', async () => {
    const { a, b } = await two(ground);
    const third = await ground.app(a.tenantId);
    b.socket.terminate();
    const sent = fresh('Tag');
    await change(a, 'Tag', 'create', sent);
    await third.next(isUpdateOf(sent.id));
    expect(updatesOf(b, sent.id)).toEqual([]);
  });
});
