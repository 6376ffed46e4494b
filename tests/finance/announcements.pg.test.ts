/** What owners tell the apps of their tenant, and what the server tells by itself of its queue. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FinanceGround, type Loose, startFinance } from './ground.ts';

let ground: FinanceGround;
beforeAll(async () => {
  ground = await startFinance();
});
afterAll(() => ground.close());

const post = async (path: string, body: object, headers: Record<string, string> = {}): Promise<Loose> => {
  const answer = await fetch(`${ground.url}/api/v1/websocket${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
};

test('a notification reaches every socket of the tenant, and none of another', async () => {
  const tenant_id = randomUUID();
  const [a, b, other] = [
    await ground.app(tenant_id),
    await ground.app(tenant_id),
    await ground.app(randomUUID()),
  ];
  const body = { tenant_id, notification_type: 'warning', message: 'Back up today.' };
  expect(await post('/broadcast/notification', body)).toEqual({
    status: 200,
    body: { tenant_id, sockets: 2 },
  });
  for (const app of [a, b])
    expect(await app.next(({ type }) => type === 'system_notification')).toEqual({
      type: 'system_notification',
      notification_type: 'warning',
      message: 'Back up today.',
      timestamp: expect.any(Number),
    });
  await other.settled();
  expect(other.received.map(({ type }) => type)).toEqual(['status', 'pong']);
});

test('maintenance is announced, told to whoever connects, and ends', async () => {
  const tenant_id = randomUUID();
  const a = await ground.app(tenant_id);
  await post('/maintenance', { tenant_id, maintenance_enabled: true, message: 'Ten minutes.' });
  await a.next(({ type }) => type === 'maintenance_notification');
  expect(a.received.slice(-2)).toMatchObject([
    { type: 'status', status: 'maintenance', message: 'Ten minutes.' },
    { type: 'maintenance_notification', maintenance_enabled: true, message: 'Ten minutes.' },
  ]);
  expect((await ground.app(tenant_id)).received[0]).toMatchObject({ status: 'maintenance' });
  await post('/maintenance', { tenant_id, maintenance_enabled: false });
  expect(await a.next(({ type, status }) => type === 'status' && status === 'online', 1)).toEqual({
    type: 'status',
    status: 'online',
  });
  expect((await ground.app(tenant_id)).received[0]).toEqual({ type: 'status', status: 'online' });
});

test('any other status is told as it is, and only known ones', async () => {
  const tenant_id = randomUUID();
  const a = await ground.app(tenant_id);
  expect(
    await post('/broadcast/status', { tenant_id, status: 'error', message: 'Disk full.' }),
  ).toMatchObject({
    status: 200,
  });
  await a.next(({ status, message }) => status === 'error' && message === 'Disk full.');
  expect((await post('/broadcast/status', { tenant_id, status: 'sleepy' })).status).toBe(422);
  const { token } = await ground.person();
  const foreign = await post(
    '/broadcast/status',
    { tenant_id, status: 'offline' },
    { authorization: `Bearer ${token}` },
  );
  expect(foreign.status).toBe(404);
});
