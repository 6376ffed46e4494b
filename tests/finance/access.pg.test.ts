/** Who gets in, and how far: tokens, roles that end, the open mode, and walls between tenants. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTokens } from '../../packages/server/src/auth/tokens.ts';
import { type App, type AppOptions, type FinanceGround, type Loose, startFinance } from './ground.ts';
import { caughtUp, change, isUpdateOf, two } from './talk.ts';
import { fresh } from './whole-entities.ts';

const SECRET = 'a secret of at least thirty-two characters';

let ground: FinanceGround;
let open: FinanceGround;
beforeAll(async () => {
  ground = await startFinance({ FINANCE_OPEN_ACCESS: 'off', JWT_SECRET: SECRET });
  open = await startFinance();
});
afterAll(() => Promise.all([ground?.close(), open?.close()]));

type Person = Awaited<ReturnType<FinanceGround['person']>>;
const bearer = ({ token }: Person): AppOptions => ({ headers: { authorization: `Bearer ${token}` } });

async function rest(
  person: Person,
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: Loose }> {
  const response = await fetch(`${ground.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${person.token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

/** A user who owns a tenant. */
async function owner(): Promise<Person & { readonly tenant: string }> {
  const person = await ground.person();
  const tenant = randomUUID();
  const made = await rest(person, 'POST', '/tenants/', {
    uuid: tenant,
    name: 'Home',
    user_id: person.userId,
  });
  expect(made.status).toBeLessThan(300);
  return { ...person, tenant };
}

const grant = (tenant: string, by: Person, to: Person, role: 'EDITOR' | 'VIEWER' | null) =>
  ground.server.engine.setMember({
    actor: { userId: by.userId },
    scope: `tenant:${tenant}`,
    userId: to.userId,
    role,
  });

const online = (app: App): Promise<Loose> => app.next(({ type }) => type === 'status');

describe('a token', () => {
  test('by the header', async () => {
    const me = await owner();
    const app = await ground.app(me.tenant, bearer(me));
    expect(await change(app, 'Tag', 'create', fresh('Tag'))).toMatchObject({ type: 'sync_ack' });
  });

  test('by the subprotocol, which is not repeated in the answer', async () => {
    const me = await owner();
    const app = await ground.app(me.tenant, { protocols: ['bearer', me.token] });
    expect(app.socket.protocol).toBe('bearer');
    expect(await change(app, 'Tag', 'create', fresh('Tag'))).toMatchObject({ type: 'sync_ack' });
  });

  test('by the first message; before it only pings are answered', async () => {
    const me = await owner();
    const app = ground.knock(`/ws/${me.tenant}`);
    await new Promise((resolve) => app.socket.once('open', resolve));
    app.send({ type: 'request_initial_data', tenant_id: me.tenant });
    expect(await app.next(({ type }) => type === 'error')).toMatchObject({
      code: 'UNAUTHENTICATED',
      original_type: 'request_initial_data',
    });
    await app.settled();
    expect(app.received.map(({ type }) => type)).toEqual(['error', 'pong']);
    app.send({ type: 'authenticate', token: me.token });
    await online(app);
    expect(await change(app, 'Tag', 'create', fresh('Tag'))).toMatchObject({ type: 'sync_ack' });
  });

  test.each<[string, (app: App) => void, AppOptions]>([
    ['that is none, by the header', () => {}, { headers: { authorization: 'Bearer nonsense' } }],
    ['that is none, by the subprotocol', () => {}, { protocols: ['bearer', 'nonsense'] }],
    ['of another scheme', () => {}, { headers: { authorization: 'Basic dTpw' } }],
    [
      'that is none, by the first message',
      (app) => app.send({ type: 'authenticate', token: 'nonsense' }),
      {},
    ],
  ])('%s: closed with 4401', async (_name, begin, options) => {
    const { tenant } = await owner();
    for (const { knock } of [ground, open]) {
      const app = knock(`/ws/${tenant}`, options);
      app.socket.once('open', () => begin(app));
      // The open mode has let in who shows nothing, and asks for nothing more.
      if (knock === open.knock && Object.keys(options).length === 0) continue;
      expect(await app.closed).toMatchObject({ code: 4401 });
      expect(app.received.filter(({ type }) => type === 'status')).toEqual([]);
    }
  });

  test('that ends while the socket is open: closed with 4401, and it opens no other', async () => {
    const me = await owner();
    const brief = {
      ...me,
      ...(await createTokens({ secret: SECRET, external: null, lifeSeconds: 2 }).issue(me.userId)),
    };
    const app = await ground.app(me.tenant, bearer(brief));
    expect(await app.closed).toEqual({ code: 4401, reason: 'the token has ended' });
    expect(Date.now()).toBeGreaterThanOrEqual(brief.expiresAt);
    const over = await createTokens({ secret: SECRET, external: null, lifeSeconds: -60 }).issue(me.userId);
    const late = ground.knock(`/ws/${me.tenant}`, bearer({ ...me, ...over }));
    expect(await late.closed).toMatchObject({ code: 4401 });
  });
});

describe('a role', () => {
  test.each(['of another user', 'that nobody has'])(
    'none in a tenant %s: closed with 4403, alike',
    async (whose) => {
      const [me, other] = [await owner(), await owner()];
      const app = ground.knock(
        `/ws/${whose === 'of another user' ? other.tenant : randomUUID()}`,
        bearer(me),
      );
      expect(await app.closed).toEqual({ code: 4403, reason: 'no access to this tenant' });
      expect(app.received).toEqual([]);
    },
  );

  test('EDITOR: writes and reads', async () => {
    const [me, friend] = [await owner(), await ground.person()];
    await grant(me.tenant, me, friend, 'EDITOR');
    const [mine, theirs] = [
      await ground.app(me.tenant, bearer(me)),
      await ground.app(me.tenant, bearer(friend)),
    ];
    const sent = fresh('Tag');
    expect(await change(theirs, 'Tag', 'create', sent)).toMatchObject({ type: 'sync_ack' });
    await mine.next(isUpdateOf(sent.id));
  });

  test('VIEWER: no socket, but REST', async () => {
    const [me, friend] = [await owner(), await ground.person()];
    await grant(me.tenant, me, friend, 'VIEWER');
    const app = ground.knock(`/ws/${me.tenant}`, bearer(friend));
    expect(await app.closed).toMatchObject({ code: 4403 });
    expect((await rest(friend, 'GET', `/tenants/${me.tenant}`)).status).toBe(200);
  });

  test.each(['VIEWER', null] as const)(
    'that becomes %s while the socket is open: closed with 4403',
    async (role) => {
      const [me, friend] = [await owner(), await ground.person()];
      await grant(me.tenant, me, friend, 'EDITOR');
      const [mine, theirs] = [
        await ground.app(me.tenant, bearer(me)),
        await ground.app(me.tenant, bearer(friend)),
      ];
      expect(await change(theirs, 'Tag', 'create', fresh('Tag'))).toMatchObject({ type: 'sync_ack' });
      await grant(me.tenant, me, friend, role);
      expect(await theirs.closed).toEqual({ code: 4403, reason: 'access has ended' });
      expect(await change(mine, 'Tag', 'create', fresh('Tag'))).toMatchObject({ type: 'sync_ack' });
    },
  );
});

describe('the open mode', () => {
  test('off: who shows no token and says nothing gets no status', async () => {
    const app = ground.knock(`/ws/${randomUUID()}`);
    await new Promise((resolve) => app.socket.once('open', resolve));
    await app.settled();
    expect(app.received.map(({ type }) => type)).toEqual(['pong']);
  });

  test('on: whoever names a tenant is let in, and nobody into what is no tenant', async () => {
    await open.app(randomUUID());
    for (const name of ['a%20b', '..', '%2e%2e', 'x'.repeat(65), '%ff', 'a.b']) {
      const app = open.knock(`/ws/${name}`);
      expect((await app.closed).code, name).not.toBe(1000);
      expect(app.received).toEqual([]);
    }
  });

  test('on: a token counts all the same', async () => {
    const me = await open.person();
    const app = open.knock(`/ws/${randomUUID()}`, bearer(me));
    expect(await app.closed).toMatchObject({ code: 4403 });
  });

  test('on: what one tenant has and does never comes to another', async () => {
    const tenants = await Promise.all(Array.from({ length: 4 }, () => two(open)));
    const mark = (tenant: string) => `marker-${tenant.slice(0, 8)}`;
    await Promise.all(
      tenants.flatMap(({ tenant, a, b }) =>
        [a, b].flatMap((app) => [
          change(app, 'Tag', 'create', fresh('Tag', { name: mark(tenant) })),
          change(app, 'Transaction', 'create', fresh('Transaction', { note: mark(tenant) })),
          // The same id in all of them.
          change(app, 'Account', 'update', fresh('Account', { id: 'shared-id', note: mark(tenant) })),
          change(app, 'Tag', 'create', { id: 'x', name: { odd: mark(tenant) } }),
        ]),
      ),
    );
    for (const { tenant, a } of tenants)
      for (const type of [
        'request_initial_data',
        'request_changes',
        'connection_status_request',
        'get_sync_status',
        'get_sync_queue_status',
        'data_status_request',
      ])
        for (const other of tenants)
          a.send({ type, tenant_id: other.tenant, entity_types: null, of: tenant });
    // What is made before a load is read comes with that, and with nothing else.
    for (const { a } of tenants) await a.next(({ event_type }) => event_type === 'initial_data_load');
    for (const { a, b } of tenants) await Promise.all([caughtUp(a, b), caughtUp(b, a)]);
    for (const { tenant, a, b } of tenants) {
      await a.next(({ type }) => type === 'changes');
      const bytes = JSON.stringify([a.received, b.received]);
      expect(bytes).toContain(mark(tenant));
      for (const other of tenants.filter((one) => one.tenant !== tenant)) {
        expect(bytes).not.toContain(mark(other.tenant));
        expect(bytes).not.toContain(other.tenant);
      }
    }
  });
});

test('the tenant is deleted: all its sockets close with 1001, others stay', async () => {
  const me = await owner();
  const [a, b] = [await ground.app(me.tenant, bearer(me)), await ground.app(me.tenant, bearer(me))];
  const other = await owner();
  const bystander = await ground.app(other.tenant, bearer(other));
  await change(a, 'Tag', 'create', fresh('Tag'));
  const gone = await rest(me, 'DELETE', `/tenants/${me.tenant}/complete?user_id=${me.userId}`);
  expect(gone.status).toBe(200);
  expect(await a.closed).toMatchObject({ code: 1001 });
  expect(await b.closed).toMatchObject({ code: 1001 });
  expect(await change(bystander, 'Tag', 'create', fresh('Tag'))).toMatchObject({ type: 'sync_ack' });
});

test('a tenant that is deleted lets nobody in and takes nothing new', async () => {
  const me = await owner();
  await rest(me, 'DELETE', `/tenants/${me.tenant}/complete?user_id=${me.userId}`);
  const app = ground.knock(`/ws/${me.tenant}`, bearer(me));
  await expect(app.closed).resolves.toMatchObject({ code: 4403 });
  // Whoever was let in before may have sent it.
  const { receipts } = await ground.server.engine.submit({
    domain: 'finance',
    actor: { userId: `tenant:${me.tenant}` },
    tenant: me.tenant,
    device: null,
    batchId: randomUUID(),
    origin: 'client',
    changes: [{ entityType: 'Recipient', id: randomUUID(), operation: 'CREATE', fields: { name: 'Late' } }],
  });
  expect(receipts).toMatchObject([{ status: 'rejected', code: 'FORBIDDEN' }]);
});
