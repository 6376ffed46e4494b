/** A refused edit, as apps see it: SYNC_ERROR on the record for the device that sent it, as long as it is news. */
import { randomUUID } from 'node:crypto';
import { travelDomain, travelGraphQL } from '@ackord/travel';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
const STATE = 'syncStatus syncErrorMessage lastSyncAttempt';
const NEUTRAL = { syncStatus: 'IN_SYNC', syncErrorMessage: null, lastSyncAttempt: null };
const PUSH = `mutation($input: BulkSyncInput!) { bulkSync(input: $input) {
  successful { entityId syncVersion } conflicts { id } failed { error code field }
} }`;
const READ = `{ enhancedSync(lastSyncedAt: "0001-01-01T00:00:00.000Z") { memories { id ${STATE} isDirty needsSync } trips { id ${STATE} memories { id ${STATE} } } } }`;
const SHARE = `mutation($tripId: ID!, $email: String!) { shareTrip(tripId: $tripId, email: $email, permission: WRITE) { role } }`;

/** The caller, on a device. */
function on(caller: Caller, device: string | null) {
  const headers = device === null ? {} : { 'x-device-id': device };
  const data = async (query: string, variables?: Record<string, unknown>): Promise<Loose> => {
    const answer = await caller.ask(query, variables, { headers });
    expect(answer.errors).toEqual([]);
    return answer.data;
  };
  return {
    push: async (input: Record<string, unknown>) => (await data(PUSH, { input })).bulkSync,
    page: async () => (await data(READ)).enhancedSync,
    memory: async (id: string) => {
      const { memories } = (await data(READ)).enhancedSync;
      const { syncStatus, syncErrorMessage, lastSyncAttempt } = memories.find((one: Loose) => one.id === id);
      return { syncStatus, syncErrorMessage, lastSyncAttempt };
    },
    data,
  };
}

const row = (id: string, operation: string, syncVersion: number, fields: object) => ({
  id,
  operation,
  syncVersion,
  clientTimestamp: AT,
  ...fields,
});
const update = (id: string, version: number, fields: object) => ({
  memories: [row(id, 'UPDATE', version, fields)],
});
/** `text` to the engine. */
const REFUSED = { content: 'x'.repeat(100_001) };

async function journal(caller: Caller): Promise<{ trip: string; memory: string }> {
  const [trip, memory] = [randomUUID(), randomUUID()];
  const { successful } = await on(caller, 'phone').push({
    trips: [row(trip, 'CREATE', 0, { name: 'Brittany', startDate: AT })],
    memories: [row(memory, 'CREATE', 0, { title: 'Lighthouse', content: 'white', tripId: trip })],
  });
  expect(successful).toHaveLength(2);
  return { trip, memory };
}

test('D4 a refused edit is told to its device alone, until a good change', async () => {
  const [anna, ben] = [await server.caller(), await server.caller()];
  const { trip, memory } = await journal(anna);
  await anna.data(SHARE, { tripId: trip, email: ben.email });
  const [phone, tablet] = [on(anna, 'phone'), on(anna, 'tablet')];
  const { failed } = await phone.push(update(memory, 1, REFUSED));
  expect(failed).toMatchObject([{ code: 'INVALID', field: 'content' }]);

  expect(await phone.memory(memory)).toEqual({
    syncStatus: 'SYNC_ERROR',
    // Under the names that the caller knows.
    syncErrorMessage: failed[0].error,
    lastSyncAttempt: expect.stringMatching(/^20.*\.\d{3}Z$/),
  });
  expect(failed[0].error).toContain(' content ');
  const page = await phone.page();
  // Whichever way the record is reached; and its parent is not to blame.
  expect(page.trips).toEqual([
    { id: trip, ...NEUTRAL, memories: [{ id: memory, ...(await phone.memory(memory)) }] },
  ]);
  expect(page.memories).toMatchObject([{ isDirty: false, needsSync: false }]);
  for (const other of [tablet, on(anna, null), on(ben, 'phone')])
    expect(await other.memory(memory)).toEqual(NEUTRAL);

  expect((await tablet.push(update(memory, 1, { content: 'red' }))).successful).toHaveLength(1);
  expect(await phone.memory(memory)).toEqual(NEUTRAL);
});

test('a device that names itself in the call is told so by its header', async () => {
  const caller = await server.caller();
  const { memory } = await journal(caller);
  await on(caller, 'phone').push({ ...update(memory, 1, REFUSED), deviceId: 'watch' });
  expect(await on(caller, 'watch').memory(memory)).toMatchObject({ syncStatus: 'SYNC_ERROR' });
  expect(await on(caller, 'phone').memory(memory)).toEqual(NEUTRAL);
});

test('a later refusal takes the place of the earlier one; mending it ends both', async () => {
  const caller = await server.caller();
  const { memory } = await journal(caller);
  const phone = on(caller, 'phone');
  await phone.push(update(memory, 1, REFUSED));
  const { failed } = await phone.push(update(memory, 7, { content: 'red' }));
  expect(failed).toMatchObject([{ code: 'VERSION_FROM_FUTURE' }]);
  expect(await phone.memory(memory)).toMatchObject({ syncErrorMessage: failed[0].error });
  await phone.push(update(memory, 1, { content: 'red' }));
  expect(await phone.memory(memory)).toEqual(NEUTRAL);
});

test('a conflict that waits goes before an edit that was refused', async () => {
  const caller = await server.caller();
  const { memory } = await journal(caller);
  const [phone, tablet] = [on(caller, 'phone'), on(caller, 'tablet')];
  await phone.push(update(memory, 1, { content: 'red' }));
  const { conflicts } = await tablet.push(update(memory, 1, { content: 'green' }));
  expect(conflicts).toHaveLength(1);
  await tablet.push(update(memory, 2, REFUSED));
  await phone.push(update(memory, 2, REFUSED));
  expect(await tablet.memory(memory)).toMatchObject({
    syncStatus: 'CONFLICT',
    syncErrorMessage: expect.stringContaining(conflicts[0].id),
  });
  expect(await phone.memory(memory)).toMatchObject({ syncStatus: 'SYNC_ERROR' });
});

test('what is refused of foreign and unknown records leaves nothing', async () => {
  const [anna, eve] = [await server.caller(), await server.caller()];
  const { memory } = await journal(anna);
  const answers = await on(eve, 'phone').push({
    memories: [memory, randomUUID(), 'none'].map((id) => row(id, 'UPDATE', 1, REFUSED)),
  });
  expect(answers.failed).toHaveLength(3);
  expect(await server.store.failures(eve.userId, 'phone')).toEqual([]);
  expect(await on(anna, 'phone').memory(memory)).toEqual(NEUTRAL);
});

test('it is asked for once in a request, and only where the answer shows it', async () => {
  const caller = await server.caller();
  const { trip } = await journal(caller);
  const memories = Array.from({ length: 30 }, () =>
    row(randomUUID(), 'CREATE', 0, { title: 'Lighthouse', tripId: trip }),
  );
  const phone = on(caller, 'phone');
  await phone.push({ memories });
  await phone.push({ memories: memories.map(({ id }) => row(id, 'UPDATE', 1, REFUSED)) });

  const { engine } = server;
  const asked: string[] = [];
  const real = engine.failures;
  const counting = async (...args: Parameters<typeof real>) => {
    asked.push(args[1]);
    return real(...args);
  };
  Object.assign(engine, { failures: counting });
  try {
    const page = await phone.page();
    const failed = page.memories.filter((one: Loose) => one.syncStatus === 'SYNC_ERROR');
    expect(failed).toHaveLength(memories.length);
    expect(asked).toEqual(['phone']);
    const first = `{ enhancedSync(lastSyncedAt: "${AT}", batchSize: 7) { hasMore memories { ${STATE} } } }`;
    expect((await phone.data(first)).enhancedSync.hasMore).toBe(true);
    expect(asked).toHaveLength(2);
    await phone.data(`{ enhancedSync(lastSyncedAt: "${AT}") { memories { id title syncVersion } } }`);
    await on(caller, null).page();
    expect(asked).toHaveLength(2);
  } finally {
    Object.assign(engine, { failures: real });
  }
});
