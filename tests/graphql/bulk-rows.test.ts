/**
 * A row that can't be read spoils itself and nothing else, although the schema says Int!, DateTime!, SyncOperation!:
 * given as variables or written into the document, the first time and when the document has been compiled.
 */
import { randomUUID } from 'node:crypto';
import { travelDomain, travelGraphQL } from '@ackord/travel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, type GraphQLServer, startGraphQL } from '../support/graphql.ts';

const servers: GraphQLServer[] = [];
const callers = new Map<string, Caller>();

beforeAll(async () => {
  for (const compile of [true, false]) {
    const server = await startGraphQL({
      domains: [travelDomain],
      graphql: [{ ...travelGraphQL, path: '/graphql' }],
      compile,
    });
    servers.push(server);
    callers.set(compile ? 'compiled' : 'interpreted', await server.caller());
  }
});
afterAll(() => Promise.all(servers.map((server) => server.close())));

const ANSWER =
  '{ successful { entityId index } failed { entityType entityId code field index clientId } processedCount }';
const AT = '2024-05-01T12:00:00.000Z';
const good = (id: string = randomUUID()) => ({
  id,
  syncVersion: 0,
  clientTimestamp: AT,
  operation: 'CREATE',
  name: 'Brittany',
  startDate: AT,
});

/** What is wrong → the field that the answer names. */
const BAD: [what: string, spoiled: Record<string, unknown>, field: string][] = [
  ['a date that is none', { startDate: 'gestern' }, 'startDate'],
  ['a day that is not in the calendar', { startDate: '2024-02-30T00:00:00.000Z' }, 'startDate'],
  ['a date as a number', { startDate: 1_700_000_000_000 }, 'startDate'],
  ['the year 0', { startDate: '0000-01-01T00:00:00.000Z' }, 'startDate'],
  ['no date where one must be', { startDate: null }, 'startDate'],
  ['a clientTimestamp that is none', { clientTimestamp: 'x' }, 'clientTimestamp'],
  ['a clientTimestamp of null', { clientTimestamp: null }, 'clientTimestamp'],
  ['a version with a fraction', { syncVersion: 1.5 }, 'syncVersion'],
  ['a version as a text', { syncVersion: '1' }, 'syncVersion'],
  ['a version below 0', { syncVersion: -1 }, 'syncVersion'],
  ['a version beyond 32 bits', { syncVersion: 2 ** 31 }, 'syncVersion'],
  ['no version', { syncVersion: undefined }, 'syncVersion'],
  ['a version of null', { syncVersion: null }, 'syncVersion'],
  ['an unknown operation', { operation: 'UPSERT' }, 'operation'],
  ['no operation', { operation: undefined }, 'operation'],
  ['an operation of null', { operation: null }, 'operation'],
  ['an id that is no UUID', { id: 'trip-1' }, 'id'],
  ['an empty id', { id: '' }, 'id'],
  ['an update without an id', { id: undefined, operation: 'UPDATE' }, 'id'],
  ['a text as a flag', { isActive: 'yes' }, 'isActive'],
  ['a text as a number', { totalDistance: 'far' }, 'totalDistance'],
  ['an object as a text', { name: { de: 'Bretagne' } }, 'name'],
  ['a number as a text', { name: 5 }, 'name'],
  ['a text with NUL', { name: 'a\u0000b' }, 'name'],
  ['a field that is not known', { nane: 'x' }, 'nane'],
  ['a field of the server', { updatedAt: AT }, 'updatedAt'],
  ['an unknown priority', { syncPriority: 'URGENT' }, 'syncPriority'],
  ['a changeId without end', { changeId: 'x'.repeat(129) }, 'changeId'],
  ['baseFields that are no JSON', { baseFields: '{' }, 'baseFields'],
  ['baseFields that are a list', { baseFields: '[]' }, 'baseFields'],
  ['baseFields of an unknown field', { baseFields: '{"nane":1}' }, 'baseFields.nane'],
];

/** A value as it stands in a GraphQL document. */
function literal(value: unknown, name = ''): string {
  if (Array.isArray(value)) return `[${value.map((item) => literal(item)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{ ${members.map(([key, member]) => `${key}: ${literal(member, key)}`).join(', ')} }`;
  }
  const isEnum = (name === 'operation' || name === 'syncPriority') && typeof value === 'string';
  return isEnum ? value : JSON.stringify(value);
}

const FORMS: Record<string, (caller: Caller, trips: unknown[]) => ReturnType<Caller['ask']>> = {
  'the whole input as a variable': (caller, trips) =>
    caller.ask(`mutation Sync($input: BulkSyncInput!) { bulkSync(input: $input) ${ANSWER} }`, {
      input: { trips },
    }),
  'the list as a variable': (caller, trips) =>
    caller.ask(`mutation Sync($trips: [BulkTripInput!]!) { bulkSync(input: { trips: $trips }) ${ANSWER} }`, {
      trips,
    }),
  'the rows as literals': (caller, trips) =>
    caller.ask(`mutation Sync { bulkSync(input: { trips: ${literal(trips)} }) ${ANSWER} }`),
};

describe.each(['compiled', 'interpreted'])('%s', (mode) => {
  describe.each(Object.keys(FORMS))('%s', (form) => {
    test.each(BAD)('%s', async (_what, spoiled, field) => {
      const caller = callers.get(mode)!;
      const bad = { ...good(), clientId: 'mine', ...spoiled };
      const rows = [good(), bad, good()];
      // At the second sight the document is compiled.
      for (let sight = 0; sight < 2; sight++) {
        const answer = await FORMS[form]!(caller, rows);
        expect(answer.errors).toEqual([]);
        const { successful, failed, processedCount } = answer.data.bulkSync;
        expect(successful).toEqual([
          { entityId: rows[0]!.id, index: 0 },
          { entityId: rows[2]!.id, index: 2 },
        ]);
        expect(failed).toEqual([
          {
            entityType: 'Trip',
            entityId: expect.any(String),
            code: 'INVALID',
            field,
            index: 1,
            clientId: 'mine',
          },
        ]);
        expect(processedCount).toBe(3);
      }
    });
  });

  test('a row that is no object, or nothing', async () => {
    const caller = callers.get(mode)!;
    for (const row of [null, 5, 'x', []]) {
      const answer = await FORMS['the whole input as a variable']!(caller, [row, good()]);
      expect(answer.errors).toEqual([]);
      expect(answer.data.bulkSync.failed).toMatchObject([
        { entityId: 'unknown', code: 'INVALID', field: 'trips', index: 0 },
      ]);
      expect(answer.data.bulkSync.successful).toMatchObject([{ index: 1 }]);
    }
  });

  test('variables inside of rows that stand in the document', async () => {
    const caller = callers.get(mode)!;
    const document = `mutation Sync($id: ID!, $name: String, $end: DateTime) { bulkSync(input: { trips: [
      { id: $id, name: $name, endDate: $end, syncVersion: 0, operation: CREATE, clientTimestamp: "${AT}", startDate: "${AT}" }
    ] }) { successful { entityId data } failed { field } } }`;
    for (let sight = 0; sight < 3; sight++) {
      const id = randomUUID();
      const { bulkSync } = await caller.data(document, { id, name: `Trip ${sight}` });
      expect(bulkSync).toMatchObject({ successful: [{ entityId: id }], failed: [] });
      const page = await caller.data(
        `{ enhancedSync(lastSyncedAt: "${AT}", batchSize: 5000) { trips { id name } } }`,
      );
      expect(page.enhancedSync.trips).toContainEqual({ id, name: `Trip ${sight}` });
    }
  });

  test('lists that are left out, null, or a single row', async () => {
    const caller = callers.get(mode)!;
    for (let sight = 0; sight < 3; sight++) {
      for (const [input, count] of [
        [{}, 0],
        [{ trips: null }, 0],
        [{ trips: [], tags: [] }, 0],
        [{ trips: good() }, 1],
      ] as const) {
        const { bulkSync } = await caller.data(
          'mutation S($input: BulkSyncInput!) { bulkSync(input: $input) { processedCount serverTimestamp } }',
          { input },
        );
        expect(bulkSync).toEqual({
          processedCount: count,
          serverTimestamp: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
        });
      }
    }
  });

  test('what is wrong outside of the rows spoils the call', async () => {
    const caller = callers.get(mode)!;
    for (const input of [{ nonsense: [] }, 'x', null, { clientBatchId: {} }]) {
      const answer = await caller.ask(
        'mutation S($input: BulkSyncInput!) { bulkSync(input: $input) { processedCount } }',
        { input },
      );
      expect(answer).toMatchObject({ status: 400, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    }
    const long = await caller.ask(
      'mutation S($input: BulkSyncInput!) { bulkSync(input: $input) { processedCount } }',
      { input: { deviceId: 'x'.repeat(129) } },
    );
    expect(long).toMatchObject({
      status: 200,
      data: null,
      errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    });
  });
});

test('C11 more rows than one call may have are refused as a whole', async () => {
  const caller = callers.get('compiled')!;
  const rows = Array.from({ length: 10_001 }, () => ({}));
  const answer = await caller.ask(
    'mutation S($input: BulkSyncInput!) { bulkSync(input: $input) { processedCount } }',
    { input: { trips: rows.slice(0, 5_000), tags: rows.slice(5_000) } },
  );
  expect(answer).toMatchObject({ status: 200, data: null, errors: [{ extensions: { code: 'TOO_LARGE' } }] });
});
