/** What clients of the native protocol do wrong: each gets a coded answer or a documented close, and others live on. */
import { randomBytes, randomUUID } from 'node:crypto';
import { LIMITS } from '@ackord/core';
import { CLOSE } from '@ackord/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTokens } from '../../packages/server/src/auth/tokens.ts';
import { edit, memory, type Person, type SyncGround, startSync, trip } from './ground.ts';
import type { Loose, SyncClient } from './sync-client.ts';

const SECRET = 'of these tests alone, and long enough for all of them';

let ground: SyncGround;
let person: Person;
beforeAll(async () => {
  ground = await startSync({ JWT_SECRET: SECRET });
  person = await ground.person();
});
afterAll(async () => {
  await ground.close();
  for (const line of ground.log) expect(JSON.parse(line)).toMatchObject({ message: 'sync refused' });
});

const opened = (client: SyncClient): Promise<unknown> =>
  new Promise((resolve) => client.socket.once('open', resolve));

async function answerTo(client: SyncClient, message: object | string): Promise<Loose> {
  const from = client.received.length;
  client.send(message);
  return client.next(() => true, from);
}

describe('after the welcome', () => {
  test.each<[string, object | string, string]>([
    ['no JSON', '{', 'MALFORMED'],
    ['an array', '[]', 'MALFORMED'],
    ['null', 'null', 'MALFORMED'],
    ['an unknown type', { type: 'launch' }, 'MALFORMED'],
    ['a type of the prototype', { type: 'constructor' }, 'MALFORMED'],
    ['a missing member', { type: 'push', id: 'x' }, 'MALFORMED'],
    ['a push of nothing', { type: 'push', id: 'x', changes: [] }, 'MALFORMED'],
    ['a second hello', { type: 'hello', protocol: 1, domain: 'travel' }, 'MALFORMED'],
    ['a garbage cursor', { type: 'subscribe', cursor: 'garbage' }, 'CURSOR_MALFORMED'],
    ['an unknown entity type', { type: 'subscribe', types: ['Rocket'] }, 'BAD_USER_INPUT'],
    [
      'a garbage cursor with a push',
      { type: 'push', id: 'x', changes: [{}], cursor: 'garbage' },
      'CURSOR_MALFORMED',
    ],
    ['a token that is none', { type: 'renew', token: 'none' }, 'UNAUTHENTICATED'],
  ])('%s is answered, and the session lives on', async (_what, message, code) => {
    const client = await ground.client(person);
    expect(await answerTo(client, message)).toMatchObject({ type: 'error', code });
    expect(await answerTo(client, { type: 'ping', id: 'alive' })).toMatchObject({
      type: 'pong',
      id: 'alive',
    });
  });

  test('a binary frame is answered', async () => {
    const client = await ground.client(person);
    client.socket.send(Buffer.from([1, 2, 3]));
    expect(await client.next(({ type }) => type === 'error')).toMatchObject({ code: 'MALFORMED' });
  });

  test('a bad change spoils itself alone', async () => {
    const client = await ground.client(person);
    const id = randomUUID();
    client.send({
      type: 'push',
      id: 'mixed',
      changes: [
        trip(id),
        { changeId: 'no type', id: randomUUID(), op: 'create', fields: {} },
        'not even an object',
        null,
        { ...memory(id), op: 'explode' },
        { ...memory(id), fields: { tripId: id, title: 7 } },
        { ...memory(id), fields: { tripId: id, title: 'x', '\u0000': 1 } },
        edit('Trip', id, 99, { name: 'From the future' }),
        memory(id),
      ],
    });
    const { receipts } = await client.next((message) => message.id === 'mixed');
    expect(receipts.map(({ status, code }: Loose) => code ?? status)).toEqual([
      'applied',
      'INVALID',
      'INVALID',
      'INVALID',
      'INVALID',
      'INVALID',
      'INVALID',
      'VERSION_FROM_FUTURE',
      'applied',
    ]);
  });

  test('a cursor of somebody else is refused', async () => {
    const [mine, theirs] = [await ground.client(person), await ground.client(await ground.person())];
    await theirs.subscribe();
    expect(await answerTo(mine, { type: 'subscribe', cursor: theirs.cursor })).toMatchObject({
      code: 'CURSOR_FOREIGN',
    });
  });

  test('a cursor of another filter is refused', async () => {
    const client = await ground.client(person);
    await client.subscribe(undefined, { types: ['Trip'] });
    expect(await answerTo(client, { type: 'subscribe', cursor: client.cursor })).toMatchObject({
      code: 'CURSOR_FILTER_CHANGED',
    });
  });

  test('having seen what never was leads to a resync', async () => {
    const client = await ground.client(person);
    await client.subscribe(undefined, { seen: { [`user:${person.userId}`]: 1_000_000 } });
    expect(client.received.find(({ type }) => type === 'page')).toMatchObject({ resync: true });
  });
});

describe('before the welcome', () => {
  const hello = { type: 'hello', protocol: 1, domain: 'travel' };

  test.each<[string, object, number]>([
    ['no token', hello, CLOSE.unauthenticated],
    ['a token that is none', { ...hello, token: 'none' }, CLOSE.unauthenticated],
    ['another protocol', { ...hello, protocol: 2 }, CLOSE.wrongProtocol],
    ['another domain', { ...hello, domain: 'space' }, CLOSE.forbidden],
  ])('%s closes the socket with its code', async (_what, message, code) => {
    const client = ground.knock();
    await opened(client);
    client.send(message);
    expect((await client.closed).code).toBe(code);
  });

  test('other messages are told to wait', async () => {
    const client = ground.knock();
    await opened(client);
    expect(await answerTo(client, { type: 'subscribe' })).toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

test('a socket is closed when its token ends, unless that was renewed', async () => {
  const brief = createTokens({ secret: SECRET, external: null, lifeSeconds: 2 });
  const { token } = await brief.issue(person.userId);
  const [left, renewed] = [
    await ground.client({ ...person, token }),
    await ground.client({ ...person, token }),
  ];
  expect(await answerTo(renewed, { type: 'renew', token: person.token })).toMatchObject({ type: 'renewed' });
  expect((await left.closed).code).toBe(CLOSE.unauthenticated);
  expect(await answerTo(renewed, { type: 'ping', id: 'alive' })).toMatchObject({ type: 'pong' });
});

test('who reads too slowly is told so, and then given all as pages', async () => {
  const reader = await ground.client(person);
  const writer = await ground.client(person);
  const id = randomUUID();
  await writer.push(trip(id));
  await reader.subscribe();
  const { _socket: stream } = reader.socket as Loose;
  stream.pause();
  for (let pushes = 0; pushes < 40; pushes++) {
    const batch = Array.from({ length: 10 }, () => {
      const one = memory(id);
      return { ...one, fields: { ...one.fields, text: randomBytes(25_000).toString('hex') } };
    });
    await writer.push(...batch);
  }
  stream.resume();
  await reader.until(
    () =>
      reader.isLive &&
      [...reader.records.values()].filter(({ fields }) => fields.tripId === id).length === 400,
  );
  expect(reader.received.map(({ type }) => type)).toContain('behind');
  expect(LIMITS.socketBehindBytesMax).toBeLessThan(40 * 10 * 50_000);
});

test('a server that stops says bye, and closes with a code that means: come again', async () => {
  const own = await startSync();
  const client = await own.client(await own.person());
  const closing = own.server.close();
  expect((await client.closed).code).toBe(CLOSE.goingAway);
  expect(client.received.at(-1)).toMatchObject({ type: 'bye', resumeAfterMs: expect.any(Number) });
  await closing;
  await own.close();
});
