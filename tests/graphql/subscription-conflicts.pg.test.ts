/** The subscription `conflicts`: what waits for the caller and what it has lost, as it happens and as it is decided. */
import { travelDomain, travelGraphQL } from '@ackord/travel';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Caller, type GraphQLServer, type Loose, startGraphQL } from '../support/graphql.ts';
import {
  CONFLICTS,
  disconnectAll,
  followAs,
  memory,
  push,
  share,
  trip,
  update,
} from './subscription-ground.ts';

let server: GraphQLServer;
beforeAll(async () => {
  server = await startGraphQL({
    domains: [travelDomain],
    graphql: [{ ...travelGraphQL, path: '/graphql' }],
    environment: { CONFLICT_RESOLUTION_STRATEGY: 'MANUAL_RESOLUTION' },
    subscriptions: {},
  });
});
afterEach(disconnectAll);
afterAll(() => server.close());

/** A memory that two have edited, so that the second edit waits for a decision. */
async function clash(): Promise<{ owner: Caller; guest: Caller; id: string; edit: () => Promise<string> }> {
  const [owner, guest] = [await server.caller({ device: 'a' }), await server.caller({ device: 'b' })];
  const parent = trip();
  const contested = memory(parent.id, 'as it was');
  await push(owner, { trips: [parent], memories: [contested] });
  await share(owner, parent.id, guest.email, 'WRITE');
  const edit = async (): Promise<string> => {
    await push(owner, { memories: [update(contested.id, 1, { title: 'by the owner' })] });
    const { conflicts } = await push(guest, {
      memories: [update(contested.id, 1, { title: 'by the guest' })],
    });
    return conflicts[0].id;
  };
  return { owner, guest, id: contested.id, edit };
}

const resolve = (caller: Caller, id: string, strategy: string) =>
  caller.data(`mutation { resolveConflict(conflictId: "${id}", strategy: ${strategy}) { syncVersion } }`);

test('one that is made and one that is decided are told to whom they concern', async () => {
  const { owner, guest, id, edit } = await clash();
  const [mine, others] = [followAs(server, guest, CONFLICTS), followAs(server, owner, CONFLICTS)];
  expect(await Promise.all([mine.next(), others.next()])).toEqual([[], []]);
  const conflictId = await edit();
  const made = await mine.next();
  expect(made).toMatchObject([
    { id: conflictId, entityId: id, status: 'pending', conflictedFields: ['title'] },
  ]);
  expect(made).toEqual(
    (await guest.data(CONFLICTS.replace('subscription', 'query').replace('conflicts', 'getConflicts')))
      .getConflicts,
  );

  await resolve(guest, conflictId, 'LAST_WRITE_WINS');
  const decided = await mine.next((list: Loose) => list.some(({ status }: Loose) => status === 'resolved'));
  expect(decided).toMatchObject([{ id: conflictId, status: 'resolved' }]);
});

test('one that the caller wins is told as decided, although it leaves the list', async () => {
  const { guest, owner, edit } = await clash();
  const conflictId = await edit();
  const [mine, others] = [followAs(server, guest, CONFLICTS), followAs(server, owner, CONFLICTS)];
  expect(await mine.next()).toMatchObject([{ id: conflictId, status: 'pending' }]);
  expect(await others.next()).toEqual([]);
  await guest.data(
    `mutation { resolveConflict(conflictId: "${conflictId}", strategy: MANUAL_RESOLUTION,
      resolvedData: "{\\"title\\":\\"by the guest\\"}") { syncVersion } }`,
  );
  expect(await mine.next()).toMatchObject([{ id: conflictId, status: 'resolved' }]);
});

test('types and numbers are those of getConflicts', async () => {
  const { guest, edit } = await clash();
  await edit();
  const ask = (args: string) => followAs(server, guest, `subscription { conflicts(${args}) { id } }`);
  expect(await ask('entityType: "Tag"').next()).toEqual([]);
  expect(await ask('entityType: "Memory", limit: 1').next()).toHaveLength(1);
  expect((await ask('entityType: "Wagon"').failed)[0].extensions.code).toBe('BAD_USER_INPUT');
  expect((await ask('limit: 0').failed)[0].extensions).toMatchObject({
    code: 'BAD_USER_INPUT',
    field: 'limit',
  });
});
