/** A conflict that decided itself shows to the one who lost it, whichever side that was; and one call undoes it. */
import { randomUUID } from 'node:crypto';
import { travelDomain, travelGraphQL } from '@ackord/travel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GraphQLServer, startGraphQL } from '../support/graphql.ts';

let server: GraphQLServer;
beforeAll(async () => {
  server = await startGraphQL({ domains: [travelDomain], graphql: [{ ...travelGraphQL, path: '/graphql' }] });
});
afterAll(() => server.close());

const PUSH = `mutation($input: BulkSyncInput!) { bulkSync(input: $input) { successful { outcome winner conflictId } failed { error } } }`;
const SHARE = `mutation($tripId: ID!, $email: String!) { shareTrip(tripId: $tripId, email: $email, permission: WRITE) { role } }`;
const CONFLICTS = '{ getConflicts { id winner localData remoteData conflictedFields } }';
const RESOLVE = `mutation($id: ID!) { resolveConflict(conflictId: $id, strategy: FIRST_WRITE_WINS) { syncVersion } }`;
const READ = '{ enhancedSync(lastSyncedAt: "0001-01-01T00:00:00.000Z") { trips { name } } }';

test('the earlier writer, whom a later edit of somebody else has beaten, finds the conflict and undoes it', async () => {
  const [anna, ben] = [await server.caller({ device: 'anna' }), await server.caller({ device: 'ben' })];
  const id = randomUUID();
  const edit = (operation: string, syncVersion: number, name: string, clientTimestamp: string) => ({
    input: {
      trips: [{ id, operation, syncVersion, name, startDate: '2026-05-01T08:00:00.000Z', clientTimestamp }],
    },
  });
  await anna.data(PUSH, edit('CREATE', 0, 'Brittany', '2026-05-01T08:00:00.000Z'));
  await anna.data(SHARE, { tripId: id, email: ben.email });
  await anna.data(PUSH, edit('UPDATE', 1, "Anna's", '2026-05-01T09:00:00.000Z'));
  const { bulkSync } = await ben.data(PUSH, edit('UPDATE', 1, "Ben's", '2026-05-01T10:00:00.000Z'));
  expect(bulkSync.successful).toMatchObject([{ outcome: 'conflict', winner: 'client' }]);

  expect((await ben.data(CONFLICTS)).getConflicts).toEqual([]);
  const [lost] = (await anna.data(CONFLICTS)).getConflicts;
  expect(lost).toMatchObject({
    id: bulkSync.successful[0].conflictId,
    winner: 'client',
    conflictedFields: ['name'],
  });
  expect([JSON.parse(lost.localData).name, JSON.parse(lost.remoteData).name]).toEqual(["Anna's", "Ben's"]);

  await anna.data(RESOLVE, { id: lost.id });
  expect((await ben.data(READ)).enhancedSync.trips).toEqual([{ name: "Anna's" }]);
});
