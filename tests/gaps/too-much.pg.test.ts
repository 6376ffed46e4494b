/** Bad input by its size: rows, edits of one record, bytes. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeOf, create, type Ground, idsIn, pushed, startTravel, trip, update } from './ground.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await startTravel();
});
afterAll(() => ground.close());

test('10,001 rows are refused as a whole, 10,000 are not', async () => {
  const own = await ground.person();
  const rows = Array.from({ length: 10_001 }, (_, at) => create({ name: `Wish ${at}` }));
  const document = `mutation S($input: BulkSyncInput!) { bulkSync(input: $input) { processedCount failed { code } } }`;
  const much = await own.ask(document, { input: { bucketListItems: rows } });
  expect([much.status, codeOf(much), much.data]).toEqual([200, 'TOO_LARGE', null]);
  expect(much.errors[0]!.message).toMatch(/10001.*10000/);
  expect(idsIn(await own.pull())).toEqual([]);
  const most = await own.data(document, { input: { bucketListItems: rows.slice(1) } });
  expect(most.bulkSync).toEqual({ processedCount: 10_000, failed: [] });
  expect(await own.pull({ batchSize: 1 })).toMatchObject({ totalCount: 10_000 });
});

test('10,000 edits of one record in one call are decided one after the other', async () => {
  const own = await ground.person();
  const parent = trip();
  await pushed(own, { trips: [parent] });
  const rows = Array.from({ length: 10_000 }, (_, at) => update(parent.id, 1, { name: `Name ${at}` }));
  const document = `mutation S($input: BulkSyncInput!) { bulkSync(input: $input) { failed { code } } }`;
  expect((await own.data(document, { input: { trips: rows } })).bulkSync.failed).toEqual([]);
  expect((await own.pull()).trips).toMatchObject([{ name: 'Name 9999', syncVersion: 10_001 }]);
});

test('a body of 100 MB is turned away before it is read, and the server goes on', async () => {
  const own = await ground.person();
  await ground.server.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = ground.server.app.server.address() as AddressInfo;
  const call = request({
    port,
    host: '127.0.0.1',
    path: '/graphql',
    method: 'POST',
    headers: {
      authorization: `Bearer ${own.token}`,
      'content-type': 'application/json',
      'content-length': String(100 * 1024 * 1024),
    },
  });
  call.write('{"query":"{ hello }","variables":{"x":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx');
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  let body = '';
  for await (const part of response) body += part;
  call.destroy();
  expect(response.statusCode).toBe(413);
  expect(JSON.parse(body)).toMatchObject({ errors: [{ extensions: { code: 'TOO_LARGE' } }] });
  expect(body).not.toMatch(/stack|node_modules/);

  const parent = trip();
  await pushed(own, { trips: [parent] });
  expect(idsIn(await own.pull())).toEqual([parent.id]);
});
