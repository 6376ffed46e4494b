/** Tenants, a test per row of the contract; with tokens and in the open mode. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountOf, type Ground, type Person, startRest, tenantOf } from './ground.ts';

let closed: Ground;
let open: Ground;
beforeAll(async () => {
  closed = await startRest(false);
  open = await startRest(true);
});
afterAll(async () => {
  await closed?.close();
  await open?.close();
});

async function fill(ground: Ground, userId: string, tenant: string, ...ids: string[]): Promise<void> {
  const { receipts } = await ground.engine.submit({
    domain: 'finance',
    actor: { userId },
    device: null,
    batchId: randomUUID(),
    origin: 'server',
    tenant,
    changes: ids.map((id) => accountOf(id)),
  });
  expect(receipts).toMatchObject(ids.map(() => ({ status: 'applied' })));
}

const accounts = async (ground: Ground, tenant: string): Promise<string[]> => {
  const actor = { userId: `tenant:${tenant}` };
  const asked = { actor, type: 'finance.Account', owner: null, contains: null, after: null, limit: 100 };
  const found = await ground.engine.list(asked);
  return found.ok ? found.records.map(({ id }) => id) : [];
};

const join = (ground: Ground, owner: Person, tenant: string, userId: string, role: 'VIEWER' | 'EDITOR') =>
  ground.engine.setMember({ actor: { userId: owner.id }, scope: `tenant:${tenant}`, userId, role });

describe.each(['/tenants', '/tenants/'])('POST %s', (path) => {
  test('makes a tenant whose maker owns it', async () => {
    const ada = await closed.person();
    const uuid = randomUUID();
    const { status, body } = await ada.send('POST', path, { uuid, name: 'Home', user_id: ada.id });
    expect(status).toBe(200);
    const times = { createdAt: expect.stringMatching(/Z$/), updatedAt: expect.stringMatching(/Z$/) };
    expect(body).toEqual({ uuid, name: 'Home', user_id: ada.id, ...times });
    const members = await closed.engine.members({ actor: { userId: ada.id }, scope: `tenant:${uuid}` });
    expect(members).toMatchObject({ ok: true, members: [{ userId: ada.id, role: 'OWNER' }] });
  });

  test('400 in words that apps know, for the same tenant again and for the same name', async () => {
    const ada = await closed.person();
    const tenant = { uuid: randomUUID(), name: 'Home', user_id: ada.id };
    await ada.send('POST', path, tenant);
    for (const again of [tenant, { ...tenant, uuid: randomUUID() }]) {
      const answer = await ada.send('POST', path, again);
      expect(answer).toMatchObject({
        status: 400,
        body: { detail: expect.stringContaining('already exists for this user') },
      });
    }
    const bob = await closed.person();
    const other = await bob.send('POST', path, { uuid: randomUUID(), name: 'Home', user_id: bob.id });
    expect(other.status).toBe(200);
  });
});

describe('POST /tenants', () => {
  test('the id of somebody else’s tenant gives nothing', async () => {
    const [ada, eve] = [await closed.person(), await closed.person()];
    const tenant = await tenantOf(ada, 'Home');
    const stolen = await eve.send('POST', '/tenants', { uuid: tenant, name: 'Mine', user_id: eve.id });
    expect(stolen.status).toBeGreaterThanOrEqual(400);
    expect((await eve.send('GET', `/tenants/${tenant}`)).status).toBe(404);
    expect((await ada.send('GET', `/tenants/${tenant}`)).body).toMatchObject({
      name: 'Home',
      user_id: ada.id,
    });
  });

  test('403 for a user_id that is not the token’s, in the body or in the header', async () => {
    const [ada, bob] = [await closed.person(), await closed.person()];
    const tenant = { uuid: randomUUID(), name: 'Home' };
    expect((await ada.send('POST', '/tenants', { ...tenant, user_id: bob.id })).status).toBe(403);
    expect((await ada.send('POST', '/tenants', tenant, { 'x-user-id': bob.id })).status).toBe(403);
  });

  test('a tenant that apps have filled before it is made known keeps what it has', async () => {
    const ada = await open.person();
    const tenant = randomUUID();
    await fill(open, `tenant:${tenant}`, tenant, 'a1');
    const made = await open.send('POST', '/tenants', { uuid: tenant, name: 'Home', user_id: ada.id });
    expect(made).toMatchObject({ status: 200, body: { uuid: tenant, name: 'Home', user_id: ada.id } });
    expect(await accounts(open, tenant)).toEqual([`${tenant}/a1`]);
    expect((await ada.send('GET', '/tenants')).body).toEqual([made.body]);
    expect((await ada.send('PUT', `/tenants/${tenant}`, { name: 'New' })).status).toBe(200);
    // Nobody else has it then, even though nobody is asked for a token.
    const bob = await open.person();
    const taken = await open.send('POST', '/tenants', { uuid: tenant, name: 'Mine', user_id: bob.id });
    expect(taken.status).toBe(404);
    expect((await bob.send('GET', '/tenants')).body).toEqual([]);
  });

  test('in the open mode for the user who is named; 404 for one that is not known, 422 for none', async () => {
    const ada = await open.person();
    const tenant = { uuid: randomUUID(), name: 'Home' };
    expect((await open.send('POST', '/tenants', tenant)).status).toBe(422);
    expect((await open.send('POST', '/tenants', { ...tenant, user_id: randomUUID() })).status).toBe(404);
    expect((await open.send('POST', '/tenants', tenant, { 'x-user-id': ada.id })).body.user_id).toBe(ada.id);
  });

  test.each(['../etc', 'a/b', 'a b', '', 'x'.repeat(65)])('422 for the id %j', async (uuid) => {
    const ada = await closed.person();
    expect((await ada.send('POST', '/tenants', { uuid, name: 'Home' })).status).toBe(422);
  });
});

describe('GET /tenants', () => {
  test('those in which the user has a role, with and without a slash', async () => {
    const [ada, bob] = [await closed.person(), await closed.person()];
    const [one, two] = [await tenantOf(ada), await tenantOf(ada)];
    await tenantOf(bob);
    for (const path of [`/tenants?user_id=${ada.id}`, '/tenants/', '/tenants']) {
      const { body } = await ada.send('GET', path);
      expect(body.map(({ uuid }: { uuid: string }) => uuid)).toEqual([one, two]);
    }
    expect((await ada.send('GET', `/tenants?user_id=${bob.id}`)).status).toBe(403);
    expect((await closed.send('GET', `/tenants?user_id=${ada.id}`)).status).toBe(401);
  });

  test('in the open mode for whoever is named', async () => {
    const ada = await open.person();
    const tenant = await tenantOf(ada);
    expect((await open.send('GET', `/tenants?user_id=${ada.id}`)).body).toMatchObject([{ uuid: tenant }]);
    expect((await open.send('GET', `/tenants?user_id=${randomUUID()}`)).body).toEqual([]);
    expect((await open.send('GET', '/tenants?user_id=1')).status).toBe(422);
  });
});

describe('GET and PUT /tenants/{id}', () => {
  test('the owner renames, a member reads, strangers meet what is not there', async () => {
    const [ada, bob, eve] = [await closed.person(), await closed.person(), await closed.person()];
    const tenant = await tenantOf(ada);
    await join(closed, ada, tenant, bob.id, 'EDITOR');
    const path = `/tenants/${tenant}`;
    expect(await ada.send('PUT', `${path}?user_id=${ada.id}`, { name: 'New' })).toMatchObject({
      status: 200,
      body: { uuid: tenant, name: 'New' },
    });
    expect((await bob.send('GET', path)).body.name).toBe('New');
    expect((await bob.send('PUT', path, { name: 'Bob’s' })).status).toBe(403);
    for (const method of ['GET', 'PUT', 'DELETE'] as const) {
      const body = method === 'PUT' ? { name: 'Eve’s' } : undefined;
      const foreign = await eve.send(method, path, body);
      const missing = await eve.send(method, `/tenants/${randomUUID()}`, body);
      expect([foreign.status, foreign.body]).toEqual([404, missing.body]);
    }
    expect((await ada.send('GET', path)).body.name).toBe('New');
  });

  test('400 for the name of another tenant of the same owner, never for its own', async () => {
    const ada = await closed.person();
    await tenantOf(ada, 'Home');
    const tenant = await tenantOf(ada, 'Office');
    expect((await ada.send('PUT', `/tenants/${tenant}`, { name: 'Home' })).status).toBe(400);
    expect((await ada.send('PUT', `/tenants/${tenant}`, { name: 'Office' })).status).toBe(200);
  });

  test('in the open mode whoever knows the id', async () => {
    const ada = await open.person();
    const tenant = await tenantOf(ada);
    const renamed = await open.send('PUT', `/tenants/${tenant}?user_id=${ada.id}`, { name: 'New' });
    expect(renamed).toMatchObject({ status: 200, body: { name: 'New', user_id: ada.id } });
    expect((await open.send('GET', `/tenants/${randomUUID()}`)).status).toBe(404);
  });
});

describe.each(['', '/complete'])('DELETE /tenants/{id}%s', (end) => {
  test('takes all of it, closes its sockets with 1001, and answers what it was', async () => {
    const ada = await closed.person();
    const [tenant, other] = [await tenantOf(ada, 'Home'), await tenantOf(ada, 'Office')];
    await fill(closed, ada.id, tenant, 'a1');
    await fill(closed, ada.id, other, 'a1');
    closed.queue.set(tenant, 2);
    const gone = await ada.send('DELETE', `/tenants/${tenant}${end}?user_id=${ada.id}`);
    expect(gone).toMatchObject({ status: 200, body: { uuid: tenant, name: 'Home' } });
    expect(closed.closed.filter((line) => line.startsWith(tenant))).toEqual([`${tenant} 1001`]);
    expect(closed.queue.has(tenant)).toBe(false);
    expect(await accounts(closed, tenant)).toEqual([]);
    expect(await accounts(closed, other)).toEqual([`${other}/a1`]);
    expect((await ada.send('GET', '/tenants')).body).toMatchObject([{ uuid: other }]);
    expect((await ada.send('DELETE', `/tenants/${tenant}${end}`)).status).toBe(404);
  });

  test('its id is not given out again: what was deleted stays deleted', async () => {
    const ada = await closed.person();
    const tenant = await tenantOf(ada);
    await fill(closed, ada.id, tenant, 'a1');
    await ada.send('DELETE', `/tenants/${tenant}${end}`);
    const again = await ada.send('POST', '/tenants', { uuid: tenant, name: 'Again', user_id: ada.id });
    expect(again.status).toBe(404);
    expect(await accounts(closed, tenant)).toEqual([]);
  });

  test('403 for members who do not own it', async () => {
    const [ada, bob] = [await closed.person(), await closed.person()];
    const tenant = await tenantOf(ada);
    await join(closed, ada, tenant, bob.id, 'EDITOR');
    expect((await bob.send('DELETE', `/tenants/${tenant}${end}`)).status).toBe(403);
    expect((await ada.send('GET', `/tenants/${tenant}`)).status).toBe(200);
  });

  test('in the open mode whoever knows the id', async () => {
    const ada = await open.person();
    const tenant = await tenantOf(ada);
    expect((await open.send('DELETE', `/tenants/${tenant}${end}?user_id=${ada.id}`)).status).toBe(200);
    expect((await open.send('GET', `/tenants?user_id=${ada.id}`)).body).toEqual([]);
  });
});

describe.each([
  ['reset-to-initial', []],
  ['reset-database', ['1001']],
])('POST /tenants/{id}/%s', (name, codes) => {
  test('deletes every record by a change of its own; the tenant stays', async () => {
    const ada = await closed.person();
    const tenant = await tenantOf(ada);
    await fill(closed, ada.id, tenant, 'a1', 'a2');
    const answer = await ada.send('POST', `/tenants/${tenant}/${name}?user_id=${ada.id}`, {});
    expect(answer).toMatchObject({ status: 200, body: { tenant_id: tenant, deleted: 2 } });
    expect(await accounts(closed, tenant)).toEqual([]);
    const closings = closed.closed.filter((line) => line.startsWith(tenant));
    expect(closings).toEqual(codes.map((code) => `${tenant} ${code}`));
    expect((await ada.send('GET', `/tenants/${tenant}`)).status).toBe(200);
    await fill(closed, ada.id, tenant, 'a3');
    expect(await accounts(closed, tenant)).toEqual([`${tenant}/a3`]);
  });

  test('without a body too, in the open mode; not for strangers', async () => {
    const ada = await open.person();
    const tenant = await tenantOf(ada);
    const json = { 'content-type': 'application/json' };
    expect((await open.send('POST', `/tenants/${tenant}/${name}`, undefined, json)).status).toBe(200);
    const [owner, eve] = [await closed.person(), await closed.person()];
    const foreign = await tenantOf(owner);
    await fill(closed, owner.id, foreign, 'a1');
    expect((await eve.send('POST', `/tenants/${foreign}/${name}`, {})).status).toBe(404);
    expect(await accounts(closed, foreign)).toHaveLength(1);
  });
});

describe('DELETE /tenants/{id}/sync-queue', () => {
  test('forgets what waits, of this tenant only', async () => {
    const ada = await closed.person();
    const [tenant, other] = [await tenantOf(ada), await tenantOf(ada)];
    closed.queue.set(tenant, 3).set(other, 1);
    const answer = await ada.send('DELETE', `/tenants/${tenant}/sync-queue?user_id=${ada.id}`);
    expect(answer).toMatchObject({
      status: 200,
      body: { tenant_id: tenant, cleared: 3, message: expect.any(String) },
    });
    expect(closed.queue.get(other)).toBe(1);
    const eve = await closed.person();
    expect((await eve.send('DELETE', `/tenants/${other}/sync-queue`)).status).toBe(404);
    expect(closed.queue.get(other)).toBe(1);
  });
});
