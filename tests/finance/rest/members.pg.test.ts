/** Sharing a tenant: an owner lets others in, with a role, and takes access away. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FinanceGround, type Loose, startFinance } from '../ground.ts';

let ground: FinanceGround;
beforeAll(async () => {
  ground = await startFinance({ FINANCE_OPEN_ACCESS: 'off' });
});
afterAll(() => ground.close());

async function ask(token: string, method: string, path: string, body?: object): Promise<Loose> {
  const answer = await fetch(`${ground.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: await answer.json() };
}

test('a user who was let in syncs, and is put out again', async () => {
  const [owner, friend, stranger] = [await ground.person(), await ground.person(), await ground.person()];
  const tenant = randomUUID();
  await ask(owner.token, 'POST', '/tenants/', { uuid: tenant, name: 'Home' });
  const members = `/tenants/${tenant}/members`;
  expect((await ask(friend.token, 'GET', members)).status).toBe(404);
  const shared = await ask(owner.token, 'PUT', members, { user: friend.userId });
  expect(shared.body.map(({ user_id, role }: Loose) => [user_id, role])).toEqual(
    expect.arrayContaining([
      [owner.userId, 'OWNER'],
      [friend.userId, 'EDITOR'],
    ]),
  );
  const app = await ground.app(tenant, { headers: { authorization: `Bearer ${friend.token}` } });
  expect((await ask(friend.token, 'PUT', members, { user: stranger.userId })).status).toBe(403);
  expect((await ask(owner.token, 'PUT', members, { user: randomUUID() })).status).toBe(404);
  expect((await ask(stranger.token, 'DELETE', `${members}/${friend.userId}`)).status).toBe(404);
  expect(await ask(owner.token, 'DELETE', `${members}/${friend.userId}`)).toEqual({
    status: 200,
    body: { user_id: friend.userId },
  });
  expect((await app.closed).code).toBe(4403);
  expect((await ask(friend.token, 'GET', members)).status).toBe(404);
});
