/** Accounts as apps use them, and who may do what with a trip. */
import { randomUUID } from 'node:crypto';
import { travelDomain, travelGraphQL } from '@ackord/travel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Caller, type GraphQLServer, startGraphQL } from '../support/graphql.ts';

let server: GraphQLServer;
beforeAll(async () => {
  server = await startGraphQL({ domains: [travelDomain], graphql: [{ ...travelGraphQL, path: '/graphql' }] });
});
afterAll(() => server.close());

const AT = '2024-05-01T12:00:00.000Z';
const REGISTER =
  'mutation UserRegistration($input: UserInput!) { register(input: $input) { __typename id email } }';
const LOGIN =
  'mutation UserLogin($input: UserInput!) { login(input: $input) { token user { id email username displayName initials isOnline roles createdAt lastLoginAt } } }';

test('register, then sign in with the same input, then be somebody', async () => {
  const ask = server.anonymous();
  const input = { email: `${randomUUID()}@example.org`, password: 'correct horse' };
  const registered = await ask(REGISTER, { input });
  expect(registered).toMatchObject({ status: 200, errors: [], data: { register: { email: input.email } } });
  const { login } = (await ask(LOGIN, { input })).data;
  expect(login.user).toMatchObject({
    id: registered.data.register.id,
    username: input.email,
    roles: [],
    isOnline: true,
  });
  expect(login.user.displayName).not.toBe('');
  expect(login.user.createdAt).toMatch(/\.\d{3}Z$/);
  const headers = { authorization: `Bearer ${login.token}` };
  const me = await ask('{ getCurrentUser { id email lastLoginAt } }', {}, { headers });
  expect(me.data.getCurrentUser).toMatchObject({ id: login.user.id, lastLoginAt: expect.any(String) });
  const named = await ask(
    'mutation { updateUser(input: { firstName: "Ada", lastName: "L" }) { displayName initials email } }',
    {},
    { headers },
  );
  expect(named.data.updateUser).toEqual({ displayName: 'Ada L', initials: 'AL', email: input.email });
});

test('what cannot be an account is refused, and nobody learns which half was wrong', async () => {
  const ask = server.anonymous();
  const input = { email: `${randomUUID()}@example.org`, password: 'correct horse' };
  await ask(REGISTER, { input });
  const refused = { status: 200, data: null, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] };
  expect(await ask(REGISTER, { input })).toMatchObject(refused);
  expect(await ask(REGISTER, { input: { ...input, email: 'no e-mail' } })).toMatchObject(refused);
  expect(
    await ask(REGISTER, { input: { email: `${randomUUID()}@example.org`, password: 'short' } }),
  ).toMatchObject(refused);
  const wrongPassword = await ask(LOGIN, { input: { ...input, password: 'wrong horse' } });
  const unknown = await ask(LOGIN, { input: { ...input, email: `${randomUUID()}@example.org` } });
  expect(wrongPassword).toMatchObject(refused);
  expect(wrongPassword).toEqual(unknown);
});

async function tripOf(caller: Caller): Promise<string> {
  const id = randomUUID();
  const trips = [
    { id, syncVersion: 0, clientTimestamp: AT, operation: 'CREATE', name: 'Brittany', startDate: AT },
  ];
  await caller.data('mutation S($input: BulkSyncInput!) { bulkSync(input: $input) { processedCount } }', {
    input: { trips },
  });
  return id;
}
const shareDocument = (tripId: string, email: string, permission: string) =>
  `mutation { shareTrip(tripId: "${tripId}", email: "${email}", permission: ${permission}) { id role } }`;

test('permissions become roles, and members can be listed', async () => {
  const [owner, reader, writer, admin] = [
    await server.caller(),
    await server.caller(),
    await server.caller(),
    await server.caller(),
  ];
  const tripId = await tripOf(owner);
  const roles = [];
  for (const [{ email }, permission] of [
    [reader, 'READ'],
    [writer, 'WRITE'],
    [admin, 'ADMIN'],
  ] as const) {
    roles.push(
      (await owner.data(shareDocument(tripId.toUpperCase(), email.toUpperCase(), permission))).shareTrip.role,
    );
  }
  expect(roles).toEqual(['VIEWER', 'EDITOR', 'EDITOR']);
  const document = `{ getTripMembers(tripId: "${tripId}") { id tripId userId role status createdAt user { id email displayName } trip { id name role } } }`;
  for (let sight = 0; sight < 2; sight++) {
    const { getTripMembers } = await reader.data(document);
    expect(getTripMembers).toHaveLength(4);
    expect(getTripMembers).toContainEqual({
      id: expect.any(String),
      tripId,
      userId: owner.userId,
      role: 'OWNER',
      status: 'accepted',
      createdAt: expect.stringMatching(/\.\d{3}Z$/),
      user: { id: owner.userId, email: owner.email, displayName: expect.any(String) },
      trip: { id: tripId, name: 'Brittany', role: 'VIEWER' },
    });
  }
});

test('sharing needs an editor, and tells the others nothing', async () => {
  const [owner, reader, stranger] = [await server.caller(), await server.caller(), await server.caller()];
  const tripId = await tripOf(owner);
  await owner.data(shareDocument(tripId, reader.email, 'READ'));
  const nobody = `${randomUUID()}@example.org`;
  for (const caller of [reader, stranger]) {
    const [known, unknown] = [
      await caller.ask(shareDocument(tripId, owner.email, 'READ')),
      await caller.ask(shareDocument(tripId, nobody, 'READ')),
    ];
    expect(known.errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect(known).toEqual(unknown);
  }
  expect(await owner.ask(shareDocument(tripId, nobody, 'READ'))).toMatchObject({
    data: null,
    errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
  });
  const members = `{ getTripMembers(tripId: "${tripId}") { id } }`;
  expect(await stranger.ask(members)).toMatchObject({
    data: null,
    errors: [{ extensions: { code: 'FORBIDDEN' } }],
  });
});

test('the role of an owner stays, and the refusal advises nothing that nobody can do', async () => {
  const owner = await server.caller();
  const tripId = await tripOf(owner);
  for (const document of [
    shareDocument(tripId, owner.email, 'READ'),
    `mutation { unshareTrip(tripId: "${tripId}", userId: "${owner.userId}") }`,
  ]) {
    const { errors } = await owner.ask(document);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(errors[0]!.message).toContain('You are the owner');
    expect(errors[0]!.message).not.toMatch(/somebody else|gives/);
  }
});

test('access is taken away by an owner, or given up', async () => {
  const [owner, first, second] = [await server.caller(), await server.caller(), await server.caller()];
  const tripId = await tripOf(owner);
  for (const { email } of [first, second]) await owner.data(shareDocument(tripId, email, 'READ'));
  const unshare = (userId: string) => `mutation { unshareTrip(tripId: "${tripId}", userId: "${userId}") }`;
  expect((await first.ask(unshare(second.userId))).errors[0]?.extensions.code).toBe('FORBIDDEN');
  expect(await owner.data(unshare(first.userId))).toEqual({ unshareTrip: true });
  expect(await owner.data(unshare(first.userId))).toEqual({ unshareTrip: false });
  expect(await owner.data(unshare(randomUUID()))).toEqual({ unshareTrip: false });
  const nobody = await owner.ask(unshare('nobody'));
  expect(nobody).toMatchObject({ data: null, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  expect(await second.data(unshare(second.userId))).toEqual({ unshareTrip: true });
  expect((await second.ask(unshare(second.userId))).errors[0]?.extensions.code).toBe('FORBIDDEN');
});

test('a trip is handed over to a member, by its owner alone; both learn of their new roles', async () => {
  const [owner, heir, stranger] = [await server.caller(), await server.caller(), await server.caller()];
  const tripId = await tripOf(owner);
  const transfer = (userId: string) =>
    `mutation { transferTrip(tripId: "${tripId}", userId: "${userId}") { role } }`;
  const codeOf = async (caller: Caller, userId: string) =>
    (await caller.ask(transfer(userId))).errors[0]?.extensions.code;
  expect(await codeOf(owner, heir.userId)).toBe('BAD_USER_INPUT');
  expect(await codeOf(owner, 'nobody')).toBe('BAD_USER_INPUT');
  await owner.data(shareDocument(tripId, heir.email, 'READ'));
  for (const caller of [heir, stranger]) expect(await codeOf(caller, heir.userId)).toBe('FORBIDDEN');
  expect(await owner.data(transfer(heir.userId))).toEqual({ transferTrip: { role: 'OWNER' } });
  const roleOf = async (caller: Caller) =>
    (await caller.data(`{ trip(id: "${tripId}") { role } }`)).trip.role;
  expect([await roleOf(owner), await roleOf(heir)]).toEqual(['EDITOR', 'OWNER']);
  const remove = `mutation { deleteTrip(id: "${tripId}") }`;
  expect((await owner.ask(remove)).errors[0]?.extensions.code).toBe('FORBIDDEN');
  expect(await heir.data(remove)).toEqual({ deleteTrip: true });
});
