/** A replica made of nothing but what GraphQL answers has the digests that the server has. */
import { randomUUID } from 'node:crypto';
import {
  addToDigest,
  createRegistry,
  emptyDigest,
  type Fields,
  formatDigest,
  recordChecksum,
} from '@ackord/core';
import { travelDomain, travelGraphQL } from '@ackord/travel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Caller, type GraphQLServer, startGraphQL } from '../support/graphql.ts';

let server: GraphQLServer;
beforeAll(async () => {
  server = await startGraphQL({ domains: [travelDomain], graphql: [{ ...travelGraphQL, path: '/graphql' }] });
});
afterAll(() => server.close());

const types = createRegistry([travelDomain]).domain('travel').synced;
const AT = '2024-05-01T12:00:00.000Z';
const PUSH =
  'mutation P($input: BulkSyncInput!) { bulkSync(input: $input) { failed { error } conflicts { id } } }';
const PULL = `query R { enhancedSync(lastSyncedAt: "${AT}", batchSize: 500) { hasMore
  ${types.map(({ plural }) => `${plural} { id syncVersion syncData }`).join(' ')} deleted { tags } aliases { entityType id canonicalId } } }`;
const DIGESTS = '{ syncDigests { scope entityType count digest } }';

const row = (operation: string, id: string, fields: object = {}, syncVersion = 0) => ({
  id,
  operation,
  syncVersion,
  clientTimestamp: AT,
  ...fields,
});

async function push(caller: Caller, input: Record<string, unknown>): Promise<void> {
  const { bulkSync } = await caller.data(PUSH, { input });
  expect(bulkSync).toEqual({ failed: [], conflicts: [] });
}

/** The digest of each type over what was read, as text. */
async function ofReplica(caller: Caller): Promise<Record<string, string>> {
  const { enhancedSync } = await caller.data(PULL);
  expect(enhancedSync.hasMore).toBe(false);
  const digests = types.map((type) => {
    const names = travelGraphQL.types?.[type.name]?.inputNames ?? {};
    let digest = emptyDigest;
    for (const { id, syncVersion: version, syncData } of enhancedSync[type.plural]) {
      const data = JSON.parse(syncData);
      const fields: Fields = Object.fromEntries(
        [...type.fields.keys()].map((field) => [field, data[names[field] ?? field]]),
      );
      digest = addToDigest(digest, recordChecksum({ type: type.key, id, version, fields }));
    }
    return [type.name, formatDigest(digest)];
  });
  return Object.fromEntries(digests);
}

async function ofServer(caller: Caller): Promise<Record<string, string>> {
  const { syncDigests } = await caller.data(DIGESTS);
  const found = syncDigests.map(({ entityType, digest }: { entityType: string; digest: string }) => [
    entityType,
    digest,
  ]);
  const nothing = types.map(({ name }) => [name, formatDigest(emptyDigest)]);
  return Object.fromEntries([...nothing, ...found]);
}

test('with all types, an alias, and links that lead nowhere', async () => {
  const caller = await server.caller();
  const [category, tag, twin, gone, wish, trip, memory, media, track] = Array.from({ length: 9 }, () =>
    randomUUID(),
  ) as [string, string, string, string, string, string, string, string, string];
  await push(caller, {
    deviceId: 'one',
    tagCategories: [row('CREATE', category, { name: 'Weather' })],
    tags: [row('CREATE', tag, { name: 'Rain', categoryId: category }), row('CREATE', gone, { name: 'Fog' })],
    bucketListItems: [row('CREATE', wish, { name: 'See the sea', latitude1: 44.4, longitude1: 8.9 })],
    trips: [row('CREATE', trip, { name: 'Liguria', startDate: AT })],
    memories: [
      row('CREATE', memory, { tripId: trip, title: 'Pier', tagIds: [tag, gone], bucketListItemId: wish }),
    ],
    mediaItems: [
      row('CREATE', media, { memoryId: memory, objectName: 'media/1.jpg', mediaType: 'image/jpeg' }),
    ],
    gpxTracks: [
      row('CREATE', track, { tripId: trip, memoryId: memory, name: 'Ride', totalDistance: 0.1 + 0.2 }),
    ],
  });
  expect(await ofReplica(caller)).toEqual(await ofServer(caller));

  await push(caller, {
    deviceId: 'two',
    tags: [row('CREATE', twin, { name: 'rain', color: 'blue' }), row('DELETE', gone, {}, 1)],
    memories: [row('UPDATE', memory, { tagIds: [twin, gone] }, 1)],
    tagCategories: [row('DELETE', category, {}, 1)],
    bucketListItems: [row('DELETE', wish, {}, 1)],
  });
  const [replica, kept] = [await ofReplica(caller), await ofServer(caller)];
  expect(replica).toEqual(kept);
  expect(replica.Tag).toMatch(/^1:/);
  const { enhancedSync } = await caller.data(PULL);
  expect(enhancedSync.aliases).toEqual([{ entityType: 'Tag', id: twin, canonicalId: tag }]);
  expect(enhancedSync.deleted.tags.sort()).toEqual([twin, gone].sort());
  expect(replica.TagCategory).toBe(formatDigest(emptyDigest));
});

test('each caller is told of its own scopes alone, and nobody else of any', async () => {
  const [one, other] = [await server.caller(), await server.caller()];
  await push(one, { trips: [row('CREATE', randomUUID(), { name: 'Mine', startDate: AT })] });
  expect((await one.data(DIGESTS)).syncDigests).toMatchObject([{ entityType: 'Trip', count: 1 }]);
  expect((await other.data(DIGESTS)).syncDigests).toEqual([]);
  expect((await server.anonymous()(DIGESTS)).errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
});
