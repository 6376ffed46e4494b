/** Open conflicts: how apps see them, and what becomes of them when a person decides. */
import { randomUUID } from 'node:crypto';
import { travelDomain, travelGraphQL } from '@ackord/travel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, type GraphQLServer, type Loose, startGraphQL } from '../support/graphql.ts';

let server: GraphQLServer;
beforeAll(async () => {
  server = await startGraphQL({
    domains: [travelDomain],
    graphql: [{ ...travelGraphQL, path: '/graphql' }],
    environment: { CONFLICT_RESOLUTION_STRATEGY: 'MANUAL_RESOLUTION' },
  });
});
afterAll(() => server.close());

const AT = '2024-05-01T12:00:00.000Z';

const BULK = `mutation S($input: BulkSyncInput!) { bulkSync(input: $input) {
  successful { entityId syncVersion } conflicts { id conflictType localVersion remoteVersion localData remoteData baseData conflictedFields } failed { error }
} }`;
const push = async (caller: Caller, input: Record<string, unknown>): Promise<Loose> =>
  (await caller.data(BULK, { input })).bulkSync;
const RESOLVE = `mutation R($id: ID!, $strategy: ConflictResolutionStrategy!, $data: String) {
  resolveConflict(conflictId: $id, strategy: $strategy, resolvedData: $data) { conflictId strategy resolvedData resolvedAt resolvedBy newEntityId syncVersion }
}`;
const resolve = (caller: Caller, id: string, strategy: string, data?: string) =>
  caller.ask(RESOLVE, { id, strategy, data });

/** A memory whose content two devices have changed; the second one's change waits. */
async function conflicted(caller: Caller) {
  const [tripId, id] = [randomUUID(), randomUUID()];
  const row = (operation: string, syncVersion: number, fields: object) => ({
    id,
    operation,
    syncVersion,
    clientTimestamp: AT,
    ...fields,
  });
  await push(caller, {
    deviceId: 'phone',
    trips: [{ ...row('CREATE', 0, { name: 'Brittany', startDate: AT }), id: tripId }],
    memories: [row('CREATE', 0, { title: 'Lighthouse', content: 'white', tripId })],
  });
  await push(caller, {
    deviceId: 'phone',
    memories: [row('UPDATE', 1, { content: 'red', address: 'Ouessant' })],
  });
  const { conflicts } = await push(caller, {
    deviceId: 'tablet',
    memories: [row('UPDATE', 1, { content: 'green' })],
  });
  return { id, tripId, conflict: conflicts[0] };
}

const READ = `{ enhancedSync(lastSyncedAt: "${AT}") { memories { id content syncVersion syncStatus syncErrorMessage lastSyncAttempt isDirty needsSync } conflicts { id } } }`;
const memoriesOf = async (caller: Caller): Promise<Loose[]> =>
  (await caller.data(READ)).enhancedSync.memories;

test('both sides are told under the names of the input, *local* being the server', async () => {
  const caller = await server.caller({ device: 'tablet' });
  const { id, conflict } = await conflicted(caller);
  expect(conflict).toMatchObject({
    conflictType: 'VERSION_MISMATCH',
    localVersion: 2,
    remoteVersion: 1,
    conflictedFields: ['content'],
  });
  expect(JSON.parse(conflict.localData)).toMatchObject({
    title: 'Lighthouse',
    content: 'red',
    address: 'Ouessant',
  });
  expect(JSON.parse(conflict.remoteData)).toEqual({ content: 'green' });
  expect(JSON.parse(conflict.baseData)).toMatchObject({ content: 'white' });
  // No column of the server beyond the fields of the type.
  expect(Object.keys(JSON.parse(conflict.localData)).sort()).toEqual([
    'address',
    'bucketListItemId',
    'content',
    'date',
    'gpxTrackId',
    'latitude',
    'longitude',
    'tagIds',
    'title',
    'tripId',
    'weatherJSON',
  ]);
  const page = (await caller.data(READ)).enhancedSync;
  expect(page.conflicts).toEqual([{ id: conflict.id }]);
  expect(page.memories).toEqual([
    {
      id,
      content: 'red',
      syncVersion: 2,
      syncStatus: 'CONFLICT',
      syncErrorMessage: expect.stringContaining(conflict.id),
      lastSyncAttempt: expect.stringMatching(/Z$/),
      isDirty: false,
      needsSync: false,
    },
  ]);
});

test('a record of which a change waits for its parent says so, and how to give that up', async () => {
  const caller = await server.caller({ device: 'tablet' });
  const { tripId } = await conflicted(caller);
  const [id, missing] = [randomUUID(), randomUUID()];
  const row = { id, clientTimestamp: AT };
  await push(caller, {
    deviceId: 'tablet',
    memories: [{ ...row, operation: 'CREATE', syncVersion: 0, title: 'Harbour', tripId }],
  });
  const { conflicts } = await push(caller, {
    deviceId: 'tablet',
    memories: [{ ...row, operation: 'UPDATE', syncVersion: 1, tripId: missing }],
  });
  const message = async () =>
    (await memoriesOf(caller)).find((memory) => memory.id === id)?.syncErrorMessage ?? null;
  expect(await message()).toMatch(/waits for the record that it names as its parent.*FIRST_WRITE_WINS/);
  expect(await message()).toContain(conflicts[0].id);
  expect((await resolve(caller, conflicts[0].id, 'FIRST_WRITE_WINS')).errors).toEqual([]);
  expect(await message()).toBeNull();
});

test('D4 the state of a record is that of the asking device', async () => {
  const caller = await server.caller();
  await conflicted(caller);
  const asDevice = async (device: string) => {
    const { data } = await caller.ask(READ, {}, { headers: { 'x-device-id': device } });
    return data.enhancedSync.memories[0].syncStatus;
  };
  expect([await asDevice('tablet'), await asDevice('phone')]).toEqual(['CONFLICT', 'IN_SYNC']);
});

test.each([
  ['FIRST_WRITE_WINS', undefined, 'red'],
  ['MANUAL_RESOLUTION', JSON.stringify({ content: 'all colours' }), 'all colours'],
])('F4 %s decides it', async (strategy, data, content) => {
  const caller = await server.caller();
  const { conflict } = await conflicted(caller);
  const answer = await resolve(caller, conflict.id, strategy, data);
  expect(answer.errors).toEqual([]);
  expect(answer.data.resolveConflict).toMatchObject({
    conflictId: conflict.id,
    strategy,
    resolvedData: data ?? null,
    resolvedBy: caller.userId,
    resolvedAt: expect.stringMatching(/\.\d{3}Z$/),
  });
  expect(await memoriesOf(caller)).toMatchObject([
    { content, syncStatus: 'IN_SYNC', syncErrorMessage: null },
  ]);
  const again = await resolve(
    caller,
    conflict.id,
    'MANUAL_RESOLUTION',
    JSON.stringify({ content: 'too late' }),
  );
  expect(again.data).toEqual(answer.data);
  expect(await memoriesOf(caller)).toMatchObject([{ content }]);
});

test('data that cannot be taken are refused by name, and the conflict stays open', async () => {
  const caller = await server.caller();
  const { conflict } = await conflicted(caller);
  for (const strategy of ['FIRST_WRITE_WINS', 'LAST_WRITE_WINS', 'KEEP_BOTH']) {
    const { errors } = await resolve(caller, conflict.id, strategy, '{"content":"blue"}');
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(errors[0]!.message).toContain('Only MANUAL_RESOLUTION takes resolvedData');
  }
  for (const [data, said] of [
    ['{"content":5}', 'resolvedData.content must be a text.'],
    ['{"text":"blue"}', 'resolvedData.text is not known.'],
    ['{', 'resolvedData must be the text of a JSON object.'],
  ] as const) {
    const { errors } = await resolve(caller, conflict.id, 'MANUAL_RESOLUTION', data);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(errors[0]!.message).toContain(said);
  }
  expect((await resolve(caller, conflict.id, 'FIRST_WRITE_WINS')).errors).toEqual([]);
});

test('F4 KEEP_BOTH makes a second record', async () => {
  const caller = await server.caller();
  const { id, conflict } = await conflicted(caller);
  const { data } = await resolve(caller, conflict.id, 'KEEP_BOTH');
  const { newEntityId } = data.resolveConflict;
  const memories = (await memoriesOf(caller)).map((memory) => [memory.id, memory.content]);
  expect(memories.sort()).toEqual(
    [
      [id, 'red'],
      [newEntityId, 'green'],
    ].sort(),
  );
});

test('F5 a conflict whose record has moved on is answered with the refreshed conflict', async () => {
  const caller = await server.caller();
  const { id, conflict } = await conflicted(caller);
  await push(caller, {
    deviceId: 'phone',
    memories: [{ id, operation: 'UPDATE', syncVersion: 2, clientTimestamp: AT, content: 'blue' }],
  });
  const answer = await resolve(caller, conflict.id, 'FIRST_WRITE_WINS');
  expect(answer).toMatchObject({
    status: 200,
    data: null,
    errors: [{ extensions: { code: 'CONFLICT_MOVED', conflict: { id: conflict.id, localVersion: 3 } } }],
  });
  const refreshed = answer.errors[0]?.extensions.conflict as { localData: string };
  expect(JSON.parse(refreshed.localData)).toMatchObject({ content: 'blue' });
});

describe('refused', () => {
  test.each([
    ['no data', undefined],
    ['no JSON', '{'],
    ['a list', '[]'],
    ['an unknown field', '{"nothing":1}'],
    ['a field of the server', '{"isSystemTag":true}'],
    ['a value of the wrong kind', '{"content":5}'],
  ])('resolved with %s', async (_what, data) => {
    const caller = await server.caller();
    const { conflict } = await conflicted(caller);
    const answer = await resolve(caller, conflict.id, 'MANUAL_RESOLUTION', data);
    expect(answer).toMatchObject({
      status: 200,
      data: null,
      errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    });
    expect(await memoriesOf(caller)).toMatchObject([{ content: 'red' }]);
  });

  test('for strangers, as if there were no such conflict', async () => {
    const [owner, stranger] = [await server.caller(), await server.caller()];
    const { conflict } = await conflicted(owner);
    const [foreign, unknown] = [
      await resolve(stranger, conflict.id, 'KEEP_BOTH'),
      await resolve(stranger, randomUUID(), 'KEEP_BOTH'),
    ];
    expect(foreign).toEqual(unknown);
    expect(foreign.errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await stranger.data('{ getConflicts { id } }')).getConflicts).toEqual([]);
  });

  test.each([
    ['{ getConflicts(limit: 0) { id } }'],
    ['{ getConflicts(limit: -1) { id } }'],
    ['{ getConflicts(limit: 501) { id } }'],
    ['{ getConflicts(entityType: "User") { id } }'],
  ])('%s', async (document) => {
    const answer = await (await server.caller()).ask(document);
    expect(answer).toMatchObject({
      status: 200,
      data: null,
      errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    });
  });
});

test('getConflicts gives the newest first, of one type if asked, up to a limit', async () => {
  const caller = await server.caller();
  const first = await conflicted(caller);
  const second = await conflicted(caller);
  const ids = async (args: string) =>
    (await caller.data(`{ getConflicts${args} { id } }`)).getConflicts.map(({ id }: Loose) => id);
  expect(await ids('')).toEqual([second.conflict.id, first.conflict.id]);
  expect(await ids('(limit: 1)')).toEqual([second.conflict.id]);
  expect(await ids('(entityType: "Memory", limit: null)')).toHaveLength(2);
  expect(await ids('(entityType: "Trip")')).toEqual([]);
});
