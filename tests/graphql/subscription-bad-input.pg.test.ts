/** What a socket of subscriptions does with what it should not get: a documented code, and nobody else is harmed. */
import { randomUUID } from 'node:crypto';
import { LIMITS } from '@ackord/core';
import { travelDomain, travelGraphQL } from '@ackord/travel';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SubscriberLimits } from '../../packages/server/src/transports/graphql/subscriptions/subscriber.ts';
import { type Caller, type GraphQLServer, type Loose, startGraphQL } from '../support/graphql.ts';
import {
  bare,
  bearer,
  CHANGES,
  CONFLICTS,
  connect,
  disconnectAll,
  endAll,
  follow,
  followAs,
  hasTitle,
  memory,
  pull,
  push,
  signedIn,
  trip,
} from './subscription-ground.ts';

const start = (subscriptions: Partial<SubscriberLimits>, beside?: GraphQLServer): Promise<GraphQLServer> =>
  startGraphQL({
    domains: [travelDomain],
    graphql: [{ ...travelGraphQL, path: '/graphql' }],
    subscriptions,
    ...(beside && { beside }),
  });

let server: GraphQLServer;
let caller: Caller;
beforeAll(async () => {
  server = await start({ perSocketMax: 3, socketsPerUserMax: 2, lookMs: 100 });
  caller = await server.caller();
});
afterEach(async () => {
  await disconnectAll();
  endAll();
});
afterAll(() => server.close());

async function switchOff(userId: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.database.ownerUrl });
  await client.connect();
  await client.query('UPDATE ackord.app_user SET is_active = false WHERE id = $1', [userId]);
  await client.end();
}

const subscribe = (id: string, query: string, variables: Record<string, unknown> = {}) => ({
  id,
  type: 'subscribe',
  payload: { query, variables },
});

describe('frames out of protocol', () => {
  test.each<[string, unknown, number]>([
    ['no JSON', '{', 4400],
    ['a JSON text', '"hello"', 4400],
    ['no type', {}, 4400],
    ['a type that is none', { type: 'hello' }, 4400],
    ['a subscription without an id', { type: 'subscribe', payload: { query: CONFLICTS } }, 4400],
    ['brackets in brackets', '['.repeat(100_000), 4400],
    ['more than a message may have', 'x'.repeat(LIMITS.subscribeCharsMax + 1), 1009],
    ['a second connection_init', { type: 'connection_init' }, 4429],
    ['what only the server says', { type: 'next', id: 'a', payload: {} }, 4400],
  ])('%s ends the socket', async (_name, message, code) => {
    const socket = await signedIn(server, caller.token);
    socket.say(message);
    expect((await socket.closed).code).toBe(code);
  });

  test('a binary frame ends the socket', async () => {
    const socket = await signedIn(server, caller.token);
    socket.socket.send(Buffer.from('{}'), { binary: true });
    expect(await socket.closed).toEqual({ code: 4400, reason: 'messages are text' });
  });

  test('another subprotocol, or none that is spoken here', async () => {
    const socket = await bare(server, {
      protocol: 'graphql-ws',
      headers: { authorization: `Bearer ${caller.token}` },
    });
    expect((await socket.closed).code).toBe(4406);
  });

  test('a name twice, also one that no reason could quote', async () => {
    for (const id of ['a', 'ä'.repeat(LIMITS.idLengthMax)]) {
      const socket = await signedIn(server, caller.token);
      socket.say(subscribe(id, CONFLICTS));
      await socket.next('next');
      socket.say(subscribe(id, CONFLICTS));
      expect((await socket.closed).code).toBe(4409);
    }
  });

  test('pings are answered, before and after signing in', async () => {
    const socket = await bare(server);
    socket.say({ type: 'ping', payload: { at: 1 } });
    expect(await socket.next('pong')).toEqual({ type: 'pong', payload: { at: 1 } });
  });
});

describe('who it is', () => {
  test.each<[string, object, string]>([
    ['no token', {}, 'no token came'],
    ['a wrong token', bearer('x.y.z'), 'the token is not accepted'],
    ['a token that is no text', { Authorization: 1 }, 'no token came'],
  ])('%s: 4401', async (_name, payload, reason) => {
    const socket = await bare(server);
    socket.say({ type: 'connection_init', payload });
    expect(await socket.closed).toEqual({ code: 4401, reason });
  });

  test('to subscribe before the acknowledgement: 4401', async () => {
    const socket = await bare(server);
    socket.say(subscribe('a', CONFLICTS));
    expect((await socket.closed).code).toBe(4401);
  });

  test('the token may come with the request, and the device with either', async () => {
    const headers = { authorization: `Bearer ${caller.token}`, 'x-device-id': 'phone' };
    const protocol = ['graphql-transport-ws', 'bearer', caller.token];
    for (const options of [{ headers }, { protocol }]) {
      const socket = await bare(server, options);
      socket.say({ type: 'connection_init' });
      await socket.next('connection_ack');
      socket.socket.close();
      await socket.closed;
    }
    const other = await bare(server);
    other.say({
      type: 'connection_init',
      payload: { ...bearer(caller.token), 'X-Device-Id': 'x'.repeat(500) },
    });
    expect((await other.closed).code).toBe(4400);
  });

  test('a token that ends ends the socket', async () => {
    // Ends are whole seconds: of one, what is left of the present one is all.
    const token = await server.tokenFor(caller.userId, 2);
    const followed = followAs(server, { token }, CONFLICTS);
    await followed.next();
    expect(await followed.failed).toMatchObject({ code: 4401, reason: 'the token has ended' });
  });

  test('an account that is switched off ends the socket', async () => {
    const gone = await server.caller();
    const followed = followAs(server, gone, CONFLICTS);
    await followed.next();
    await switchOff(gone.userId);
    expect(await followed.failed).toMatchObject({ code: 4401 });
  });

  test('more sockets than a user may have: 4408, until one is closed', async () => {
    const user = await server.caller();
    const [first] = await Promise.all([signedIn(server, user.token), signedIn(server, user.token)]);
    const third = await bare(server);
    third.say({ type: 'connection_init', payload: bearer(user.token) });
    expect(await third.closed).toEqual({ code: 4408, reason: 'too many connections of this user' });
    await signedIn(server, caller.token);
    first?.socket.close();
    await first?.closed;
    await signedIn(server, user.token);
  });
});

describe('what is asked for', () => {
  const refused = async (query: string, variables: Record<string, unknown> = {}): Promise<Loose> =>
    (await followAs(server, caller, query, variables).failed)[0];
  const changes = (args: string) => `subscription { changes(${args}) { hasMore } }`;

  test.each<[string, string, string]>([
    ['no GraphQL', 'subscription {', 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', 'subscription { weather }', 'GRAPHQL_VALIDATION_FAILED'],
    ['two at once', 'subscription { changes { hasMore } conflicts { id } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a query', '{ getConflicts { id } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a mutation', 'mutation { deleteTrip(id: "1") }', 'GRAPHQL_VALIDATION_FAILED'],
    ['one on a condition', 'subscription { changes @include(if: true) { hasMore } }', 'BAD_USER_INPUT'],
    ['a type that is none', changes('entityTypes: ["Wagon"]'), 'BAD_USER_INPUT'],
    ['pages of nothing', changes('batchSize: 0'), 'BAD_USER_INPUT'],
    ['pages of everything', changes(`batchSize: ${LIMITS.pageRowsMax + 1}`), 'BAD_USER_INPUT'],
    ['a cursor that is none', changes('cursor: "abc"'), 'CURSOR_MALFORMED'],
    ['a scope that is none', changes('scope: ""'), 'FORBIDDEN'],
    ['a scope that no text can name', changes('scope: "trip:\\u0000"'), 'FORBIDDEN'],
    [
      'a document without end',
      `subscription { ${'changes { hasMore } '.repeat(3_000)} }`,
      'QUERY_TOO_COMPLEX',
    ],
    [
      'a document too deep',
      `subscription { changes { trips { ${'memories { mediaItems { memory { '.repeat(5)} id ${'}}}'.repeat(5)} } } }`,
      'QUERY_TOO_COMPLEX',
    ],
  ])('%s is refused', async (_name, query, code) => {
    const error = await refused(query);
    expect(error.extensions.code).toBe(code);
    expect(error.message.length).toBeGreaterThan(20);
  });

  test('variables are named, and what they hold is not repeated', async () => {
    const error = await refused(CHANGES, { batchSize: 'secret' });
    expect(error.extensions.code).toBe('BAD_USER_INPUT');
    expect(error.message).toContain('$batchSize must be a whole number');
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  test('a cursor of somebody else, and one for other types', async () => {
    const other = await server.caller();
    const { nextCursor } = await pull(other, null);
    expect((await refused(CHANGES, { cursor: nextCursor })).extensions.code).toBe('CURSOR_FOREIGN');
    const mine = await pull(caller, null, ['Trip']);
    expect((await refused(CHANGES, { cursor: mine.nextCursor })).extensions.code).toBe(
      'CURSOR_FILTER_CHANGED',
    );
  });

  test('more subscriptions than a socket may have, until one is completed', async () => {
    const socket = await signedIn(server, caller.token);
    for (const id of ['a', 'b', 'c', 'd']) socket.say(subscribe(id, CONFLICTS));
    const error = await socket.next('error');
    expect(error).toMatchObject({ id: 'd', payload: [{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } }] });
    socket.say({ id: 'a', type: 'complete' });
    socket.say(subscribe('e', CONFLICTS));
    for (;;) if ((await socket.next('next')).id === 'e') break;
  });

  test('over HTTP the answer says where subscriptions are served', async () => {
    const { status, errors } = await caller.ask(CONFLICTS);
    expect([status, errors[0]?.message]).toEqual([
      400,
      'Subscriptions are served over WebSocket, at this address, by the subprotocol graphql-transport-ws.',
    ]);
  });
});

describe('others are unharmed', () => {
  test('a slow reader is ended, and goes on from its cursor', async () => {
    const patient = await start({ slowMsMax: 200 }, server);
    const user = await patient.caller();
    const parent = trip();
    await push(user, { trips: [parent] });
    const [slow, quick] = [await signedIn(patient, user.token), followAs(patient, user, CHANGES)];
    slow.say(subscribe('a', 'subscription { changes { memories { title content } nextCursor hasMore } }'));
    await Promise.all([slow.next('next'), quick.next()]);
    slow.socket.pause();
    // Letters that do not compress.
    const content = () => Array.from({ length: 2_500 }, () => randomUUID()).join('');
    let written = 0;
    const isEnded = () => patient.ends.some(({ code }) => code === 4413);
    while (!isEnded()) {
      const memories = Array.from({ length: 10 }, () =>
        memory(parent.id, `${written++}`, { content: content() }),
      );
      await push(user, { memories });
      expect(written).toBeLessThan(2_000);
    }
    expect(patient.ends.find(({ code }) => code === 4413)?.reason).toContain('cursor');
    slow.socket.resume();
    await slow.closed;
    await quick.next(hasTitle(`${written - 1}`));
    const heard = slow.heard.filter(({ type }) => type === 'next').map(({ payload }) => payload.data.changes);
    const rest = await pull(user, heard.at(-1).nextCursor);
    const titles = [...heard, rest].flatMap(({ memories }) =>
      memories.map(({ title }: Loose) => Number(title)),
    );
    expect(titles.sort((a, b) => a - b)).toEqual(Array.from({ length: written }, (_, at) => at));
    await patient.close();
  });

  test('a client that answers no ping is ended', async () => {
    const socket = await signedIn(server, caller.token, { autoPong: false });
    expect(await socket.closed).toEqual({ code: 1001, reason: 'no sign of life' });
  });

  test('a client that is gone without a word leaves nothing behind', async () => {
    const user = await server.caller();
    const socket = await signedIn(server, user.token);
    socket.say(subscribe('a', CONFLICTS));
    await socket.next('next');
    const before = server.sockets.size;
    socket.socket.terminate();
    await expect.poll(() => server.sockets.size).toBe(before - 1);
    expect(server.log).toEqual([]);
  });
});

test('a server that stops says so, and another one goes on from the cursor', async () => {
  const stopping = await start({}, server);
  const user = await server.caller();
  const parent = trip();
  await push(user, { trips: [parent] });
  const followed = follow(connect(stopping, bearer(user.token)), CHANGES);
  const { nextCursor } = await followed.next();
  await stopping.close();
  expect(await followed.failed).toMatchObject({ code: 1001 });
  await push(user, { memories: [memory(parent.id, 'meanwhile')] });
  const again = followAs(server, user, CHANGES, { cursor: nextCursor });
  expect(await again.next()).toMatchObject({ trips: [], memories: [{ title: 'meanwhile' }] });
});
