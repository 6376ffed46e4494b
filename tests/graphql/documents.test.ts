/** What comes back for documents and requests of every kind: status, code, and no more than that. */
import { randomUUID } from 'node:crypto';
import { travelDomain, travelGraphQL } from '@ackord/travel';
import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, type GraphQLServer, startGraphQL } from '../support/graphql.ts';

const graphql = [{ ...travelGraphQL, path: '/graphql' }];
let server: GraphQLServer;
let caller: Caller;

beforeAll(async () => {
  server = await startGraphQL({ domains: [travelDomain], graphql });
  caller = await server.caller();
});
afterAll(() => server.close());

const SYNC =
  'query Sync($since: DateTime!) { enhancedSync(lastSyncedAt: $since) { serverTimestamp totalCount } }';

describe('a document that cannot be executed is answered with 400, a code and no data', () => {
  const fields = (count: number, field: string) =>
    Array.from({ length: count }, (_, at) => field.replace('#', String(at))).join(' ');
  const deep = (levels: number) =>
    `${'{ memories { tags '.repeat(levels / 2)}{ id }${' } }'.repeat(levels / 2)}`;
  test.each([
    ['no GraphQL at all', 'hallo', 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', '{ trips { nothing } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a subscription', 'subscription { conflicts { id } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a bad literal', '{ getConflicts(limit: "x") { id } }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a bad date as a literal',
      '{ enhancedSync(lastSyncedAt: "2024-02-30T00:00:00Z") { hasMore } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'too many levels',
      `{ enhancedSync(lastSyncedAt: "2024-02-03T00:00:00Z") { trips ${deep(12)} } }`,
      'QUERY_TOO_COMPLEX',
    ],
    ['2,000 levels', `${'{a'.repeat(2_000)}${'}'.repeat(2_000)}`, 'QUERY_TOO_COMPLEX'],
    ['levels that never close', '{a'.repeat(2_400), 'QUERY_TOO_COMPLEX'],
    ['lists in lists', `{ hello(x: ${'['.repeat(4_900)}`, 'QUERY_TOO_COMPLEX'],
    ['objects in objects', `{ hello(x: ${'{a:'.repeat(1_600)}`, 'QUERY_TOO_COMPLEX'],
    ['types in types', `query A($x: ${'['.repeat(4_900)}`, 'QUERY_TOO_COMPLEX'],
    ['too many aliases', `{ ${fields(51, 'a#: hello')} }`, 'QUERY_TOO_COMPLEX'],
    ['too many tokens', `{ ${fields(5_001, 'hello')} }`, 'QUERY_TOO_COMPLEX'],
    ['too many characters', `{ hello } # ${'x'.repeat(1_000_000)}`, 'QUERY_TOO_COMPLEX'],
    ['fragments that multiply', bomb(40), 'QUERY_TOO_COMPLEX'],
    ['a fragment that spreads itself', '{ ...a } fragment a on Query { ...a }', 'GRAPHQL_VALIDATION_FAILED'],
  ])('%s', async (_name, document, code) => {
    const answer = await caller.ask(document);
    expect(answer).toMatchObject({ status: 400, errors: [{ extensions: { code } }] });
    expect(answer.data).toBeUndefined();
  });

  test('variables that cannot be read', async () => {
    for (const since of ['gestern', '2024-02-30T00:00:00.000Z', '2024-02-03 00:00', 5, null, undefined]) {
      const answer = await caller.ask(SYNC, { since });
      expect(answer).toMatchObject({ status: 400, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
      expect(answer.errors[0]?.message.length).toBeLessThan(600);
    }
  });

  test('what is wrong with variables is told by path and rule, and no value is repeated', async () => {
    const register = 'mutation R($i: UserInput!) { register(input: $i) { id } }';
    const sync =
      'query S($since: DateTime!, $priority: SyncPriority, $types: [String!], $size: Int) { enhancedSync(lastSyncedAt: $since, syncPriority: $priority, entityTypes: $types, batchSize: $size) { hasMore } }';
    const secret = 'correct horse battery';
    const since = '2024-01-01T00:00:00Z';
    const cases: [string, Record<string, unknown>, string[]][] = [
      [
        register,
        { i: { emial: 'a@example.org', password: secret } },
        [
          'The variable $i.email must be given.',
          'The variable $i.emial is not known; known there: email, password.',
        ],
      ],
      [
        register,
        { i: { email: 5, password: [secret] } },
        ['The variable $i.email must be a text.', 'The variable $i.password must be a text.'],
      ],
      [
        register,
        { i: { email: 'a', password: 'b', [secret]: 1 } },
        ['The variable $i has an unknown member; known there: email, password.'],
      ],
      [register, { i: secret }, ['The variable $i must be an object.']],
      [register, {}, ['The variable $i must be given.']],
      [register, { i: null }, ['The variable $i must not be null.']],
      [
        sync,
        { since: secret },
        ['The variable $since must be an ISO 8601 moment with a zone, such as 2024-05-01T12:00:00.000Z.'],
      ],
      [
        sync,
        { since, priority: secret, types: ['Trip', null, 5], size: 1.5 },
        [
          'The variable $priority must be one of LOW, NORMAL, HIGH, CRITICAL.',
          'The variable $types[1] must not be null.',
          'The variable $types[2] must be a text.',
          'The variable $size must be a whole number from -2147483648 to 2147483647.',
        ],
      ],
    ];
    // From the second sight on the document is compiled, and other code reads the variables.
    for (let sight = 0; sight < 3; sight++) {
      for (const [document, variables, messages] of cases) {
        const { status, errors } = await server.anonymous()(document, variables);
        expect([status, errors.map(({ message }) => message)]).toEqual([400, messages]);
        expect(errors.every(({ extensions }) => extensions.code === 'BAD_USER_INPUT')).toBe(true);
        expect(JSON.stringify(errors)).not.toContain('horse');
      }
    }
  });

  test('variables with very many faults are told some of them', async () => {
    const document =
      'query Many($since: DateTime!, $types: [String!]) { enhancedSync(lastSyncedAt: $since, entityTypes: $types) { hasMore } }';
    const types = Array.from({ length: 10_000 }, (_, at) => at);
    for (let sight = 0; sight < 3; sight++) {
      const { status, errors } = await caller.ask(document, { since: '2024-01-01T00:00:00Z', types });
      expect([status, errors.length <= 20, JSON.stringify(errors).length < 20_000]).toEqual([
        400,
        true,
        true,
      ]);
    }
  });

  test('an operation that is not there', async () => {
    const answer = await caller.ask('query A { hello } query B { hello }', {}, { operationName: 'C' });
    expect(answer).toMatchObject({ status: 400, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });
});

/** Each fragment spreads the next one twice: 2^levels fields in a few lines. */
function bomb(levels: number): string {
  const parts = Array.from(
    { length: levels },
    (_, at) => `fragment f${at} on Query { a: hello ...f${at + 1} ... on Query { ...f${at + 1} } }`,
  );
  return `{ ...f0 } ${parts.join(' ')} fragment f${levels} on Query { hello }`;
}

test('documents nested without end are refused to anybody, and nothing of it is in the log', async () => {
  const lines = server.log.length;
  const chain = Array.from({ length: 600 }, (_, at) => `fragment f${at} on Query { ...f${at + 1} }`).join(
    ' ',
  );
  for (const document of ['{a'.repeat(2_400), `{ ...f0 } ${chain} fragment f600 on Query { hello }`]) {
    const { status, errors } = await server.anonymous()(document);
    expect([200, 400]).toContain(status);
    for (const { extensions } of errors) expect(extensions.code).toBe('QUERY_TOO_COMPLEX');
  }
  expect(server.log.slice(lines)).toEqual([]);
});

test('checking a document takes no longer than its length allows', async () => {
  const started = performance.now();
  await caller.ask(`{ ${'hello '.repeat(1_900)} }`);
  await caller.ask(bomb(200));
  expect(performance.now() - started).toBeLessThan(5_000);
});

test('each operation of a document is answered with its own, however often it comes', async () => {
  const document =
    'query A { a: hello } query B { b: hello getConflicts { id } } mutation C { unshareTrip(tripId: "x", userId: "y") }';
  for (const operationName of ['A', 'A', 'B', 'B', 'A', 'B', 'C', 'A']) {
    const { data, errors } = await caller.ask(document, {}, { operationName });
    if (operationName === 'A') expect(data).toEqual({ a: 'Hello from Ackord.' });
    if (operationName === 'B') expect(data).toEqual({ b: 'Hello from Ackord.', getConflicts: [] });
    if (operationName === 'C') expect(errors[0]?.extensions.code).toBe('FORBIDDEN');
  }
});

test.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'] as const)('%s is not how to ask', async (method) => {
  const headers = { accept: 'application/json' };
  const response = await server.app.inject({ method, url: '/graphql?query={hello}', headers });
  expect([response.statusCode, response.headers.allow]).toEqual([405, 'GET, POST']);
  if (method !== 'HEAD') expect(response.json().errors[0].extensions.code).toBe('ROUTE_UNKNOWN');
});

test('an answer that relations multiply without end is refused in time, also of records that were read once', async () => {
  const { createTrip: trip } = await caller.data(
    'mutation { createTrip(input: { name: "T", startDate: "2024-05-01T00:00:00Z" }) { id } }',
  );
  const memory = { operation: 'CREATE', syncVersion: 0, clientTimestamp: '2024-05-01T00:00:00Z' };
  const id = randomUUID();
  const mediaItems = Array.from({ length: 400 }, () => ({
    ...memory,
    id: randomUUID(),
    memoryId: id,
    objectName: 'a.jpg',
    mediaType: 'image/jpeg',
  }));
  const tag = randomUUID();
  const tags = [tag, ...Array.from({ length: 399 }, () => randomUUID())];
  await caller.data('mutation($input: BulkSyncInput!) { bulkSync(input: $input) { processedCount } }', {
    input: {
      memories: [{ ...memory, id, tripId: trip.id, title: 'M' }],
      mediaItems,
      tags: tags.map((one) => ({ ...memory, id: one, name: one, relatedTagIds: tags })),
    },
  });
  for (const text of [
    'query($id: String!) { memory(id: $id) { mediaItems { memory { mediaItems { memory { mediaItems { id } } } } } } }',
    '{ tags { relatedTags { relatedTags { id } } } }',
  ]) {
    const answer = await caller.ask(text, { id });
    expect(answer).toMatchObject({ data: null, errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX' } }] });
  }
  const fine = await caller.data(
    'query($id: String!) { memory(id: $id) { mediaItems { memory { mediaItems { id } } } } }',
    {
      id,
    },
  );
  expect(fine.memory.mediaItems).toHaveLength(400);
});

test('a query is answered whole or not at all; of a mutation the part that was done is told', async () => {
  const unknown = '00000000-0000-4000-8000-000000000000';
  const half = await caller.ask(`{ hello trip(id: "${unknown}") { id } trips { id } }`);
  expect(half).toMatchObject({ status: 200, data: null, errors: [{ path: ['trip'] }] });
  const twice = `mutation {
    one: createTag(input: { name: "one" }) { name }
    two: updateTag(id: "${unknown}", input: { name: "two" }) { name }
  }`;
  const done = await caller.ask(twice);
  expect(done.data).toEqual({ one: { name: 'one' }, two: null });
  expect(done.errors).toMatchObject([{ path: ['two'], extensions: { code: 'FORBIDDEN' } }]);
  const none = await caller.ask(`mutation { updateTag(id: "${unknown}", input: {}) { name } }`);
  expect(none).toMatchObject({ status: 200, data: null, errors: [{ extensions: { code: 'FORBIDDEN' } }] });
});

describe('a request that is none', () => {
  const post = (payload: unknown, headers: Record<string, string> = {}) =>
    server.app.inject({ method: 'POST', url: '/graphql', payload: payload as object, headers });
  test.each([
    ['a list of requests', [{ query: '{ hello }' }]],
    ['no document', {}],
    ['a document that is no text', { query: 5 }],
    ['variables that are a list', { query: '{ hello }', variables: [] }],
  ])('%s', async (_name, payload) => {
    const response = await post(payload);
    expect([response.statusCode, response.json().errors[0].extensions.code]).toEqual([400, 'MALFORMED']);
  });
  test('no JSON', async () => {
    const response = await post('{', { 'content-type': 'application/json' });
    expect([response.statusCode, response.json().errors[0].extensions.code]).toEqual([400, 'MALFORMED']);
  });
  test('a device id without end', async () => {
    const response = await post({ query: '{ hello }' }, { 'x-device-id': 'x'.repeat(129) });
    expect([response.statusCode, response.json().errors[0].extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
  });
});

test('whoever accepts what GraphQL clients accept gets plain JSON', async () => {
  const headers = {
    accept: 'multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json',
  };
  const response = await server.app.inject({
    method: 'POST',
    url: '/graphql',
    payload: { query: '{ hello __typename }' },
    headers,
  });
  expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(response.json()).toEqual({ data: { hello: 'Hello from Ackord.', __typename: 'Query' } });
});

describe('an anonymous caller', () => {
  test.each([
    [SYNC, { since: '2024-01-01T00:00:00Z' }],
    ['{ getConflicts { id } }', {}],
    ['{ getTripMembers(tripId: "x") { id } }', {}],
    ['mutation { bulkSync(input: {}) { processedCount } }', {}],
    ['mutation { resolveConflict(conflictId: "x", strategy: KEEP_BOTH) { conflictId } }', {}],
    ['mutation { shareTrip(tripId: "x", email: "y", permission: READ) { id } }', {}],
    ['mutation { unshareTrip(tripId: "x", userId: "y") }', {}],
    ['mutation { updateUser(input: {}) { id } }', {}],
  ])('B11 is told so: %s', async (document, variables) => {
    const ask = server.anonymous();
    expect(await ask(document, variables)).toMatchObject({
      status: 200,
      data: null,
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    const stale = await ask(document, variables, { headers: { authorization: 'Bearer nonsense' } });
    expect(stale.errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });
  test('may say hello, and learns that it is nobody', async () => {
    const answer = await server.anonymous()('{ hello getCurrentUser { id } }');
    expect(answer.data).toEqual({ hello: 'Hello from Ackord.', getCurrentUser: null });
  });
});

describe('the schema itself', () => {
  test('is told in development, with rows as they are typed', async () => {
    const { data } = await server.anonymous()(getIntrospectionQuery());
    const types: { name: string; kind: string }[] = data.__schema.types;
    expect(types.find(({ name }) => name === 'BulkMemoryInput')?.kind).toBe('INPUT_OBJECT');
  });
  test('is not told in production, and there is no page', async () => {
    const JWT_SECRET = 'n2vQ7rX9kLm4Tz8Wb1Yc6Df3Gh5Js0Pa';
    const closed = await startGraphQL({
      domains: [travelDomain],
      graphql,
      environment: { NODE_ENV: 'production', JWT_SECRET },
    });
    try {
      const answer = await closed.anonymous()('{ __schema { queryType { name } } }');
      expect(answer).toMatchObject({
        status: 400,
        errors: [{}, { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
      });
      const page = await closed.app.inject({ url: '/graphql', headers: { accept: 'text/html' } });
      expect([page.statusCode, page.headers.allow]).toEqual([405, 'POST']);
    } finally {
      await closed.close();
    }
  });
  test('can be tried out in development on a page that loads nothing from elsewhere', async () => {
    const headers = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    const response = await server.app.inject({ url: '/graphql', headers });
    expect(response.headers['content-type']).toContain('text/html');
    const sources = [...response.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(sources).toHaveLength(5);
    for (const source of sources) {
      const file = await server.app.inject(source);
      expect([source, file.statusCode]).toEqual([source, 200]);
      if (source.endsWith('.css')) expect(file.body).not.toMatch(/url\(["']?https?:|@import/);
    }
  });
});
