/**
 * Bad input of every kind: each gets its coded error, in `failed` where a row is at fault and in `errors` where the call
 * is; the rest of the batch goes on, nothing is half written, and no word of the database is in any answer.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Answer,
  CONFLICTS,
  codeOf,
  create,
  type Ground,
  journal,
  LISTS,
  type Loose,
  media,
  memory,
  NEVER,
  type Person,
  PULL,
  PUSH,
  pushed,
  RESOLVE,
  remove,
  share,
  startTravel,
  TYPES,
  track,
  trip,
  update,
} from './ground.ts';

let ground: Ground;
let person: Person;
beforeAll(async () => {
  ground = await startTravel({ CONFLICT_RESOLUTION_STRATEGY: 'MANUAL_RESOLUTION' });
  person = await ground.person();
});
afterAll(() => ground.close());

const idsIn = (page: Loose): string[] => LISTS.flatMap((list) => page[list].map(({ id }: Loose) => id));

/** Pushes a bad row among good ones: it alone fails, and nothing of it is left anywhere. */
async function spoils(row: Record<string, unknown>, list: string, parent: { id: string }): Promise<Loose> {
  const device = person.on(`device ${randomUUID()}`);
  const { nextCursor } = await device.pull();
  const [before, after] = [memory(parent.id), memory(parent.id)];
  const lists: Record<string, unknown[]> = { memories: [before, after] };
  lists[list] = list === 'memories' ? [before, row, after] : [row];
  const answer = await device.push(lists);
  expect(answer.processedCount).toBe(3);
  expect(answer.failed).toHaveLength(1);
  expect(answer.conflicts).toEqual([]);
  const page = await device.pull({ cursor: nextCursor });
  expect(idsIn(page).sort()).toEqual([before.id, after.id].sort());
  return answer.failed[0];
}

describe('a row that can not be read', () => {
  let parent: { id: string };
  let note: { id: string };
  beforeAll(async () => {
    const rows = journal();
    await pushed(person, rows.input);
    [parent, note] = [rows.parent, rows.note];
  });
  const NUL = 'a\u0000b';
  const LONE = 'a\ud800b';
  const ROWS: [
    what: string,
    list: string,
    row: () => Record<string, unknown>,
    code: string,
    field: string | null,
  ][] = [
    ['a malformed id', 'memories', () => ({ ...memory(parent.id), id: 'xyz' }), 'INVALID', 'id'],
    ['an id with a NUL', 'memories', () => ({ ...memory(parent.id), id: NUL }), 'INVALID', 'id'],
    [
      'an id with blanks',
      'memories',
      () => ({ ...memory(parent.id), id: ` ${randomUUID()} ` }),
      'INVALID',
      'id',
    ],
    [
      'an id in braces',
      'memories',
      () => ({ ...memory(parent.id), id: `{${randomUUID()}}` }),
      'INVALID',
      'id',
    ],
    [
      'an id without dashes',
      'memories',
      () => ({ ...memory(parent.id), id: randomUUID().replaceAll('-', '') }),
      'INVALID',
      'id',
    ],
    ['a list as an id', 'memories', () => ({ ...memory(parent.id), id: [randomUUID()] }), 'INVALID', 'id'],
    ['an empty parent', 'memories', () => memory(''), 'INVALID', 'tripId'],
    ['no parent', 'memories', () => ({ ...memory(parent.id), tripId: undefined }), 'INVALID', 'tripId'],
    ['null as the parent', 'memories', () => ({ ...memory(parent.id), tripId: null }), 'INVALID', 'tripId'],
    ['an empty parent of a picture', 'mediaItems', () => media(''), 'INVALID', 'memoryId'],
    ['an empty parent of a track', 'gpxTracks', () => track(''), 'INVALID', 'tripId'],
    ['an empty link', 'memories', () => memory(parent.id, { gpxTrackId: '' }), 'INVALID', 'gpxTrackId'],
    [
      'a tag that is no id',
      'memories',
      () => memory(parent.id, { tagIds: [randomUUID(), 'Beach'] }),
      'INVALID',
      'tagIds',
    ],
    ['null among the tags', 'memories', () => memory(parent.id, { tagIds: [null] }), 'INVALID', 'tagIds'],
    [
      '1,001 tags',
      'memories',
      () => memory(parent.id, { tagIds: Array.from({ length: 1_001 }, () => randomUUID()) }),
      'INVALID',
      'tagIds',
    ],
    ['a date that is none', 'memories', () => memory(parent.id, { date: 'gestern' }), 'INVALID', 'date'],
    [
      'an operation that is none',
      'memories',
      () => ({ ...memory(parent.id), operation: 'MERGE' }),
      'INVALID',
      'operation',
    ],
    [
      'an operation in small letters',
      'memories',
      () => ({ ...memory(parent.id), operation: 'create' }),
      'INVALID',
      'operation',
    ],
    [
      'a priority that is none',
      'memories',
      () => memory(parent.id, { syncPriority: 'URGENT' }),
      'INVALID',
      'syncPriority',
    ],
    [
      'a priority as a number',
      'memories',
      () => memory(parent.id, { syncPriority: 2 }),
      'INVALID',
      'syncPriority',
    ],
    ['null for a required field', 'memories', () => memory(parent.id, { title: null }), 'INVALID', 'title'],
    [
      'null for the operation',
      'memories',
      () => ({ ...memory(parent.id), operation: null }),
      'INVALID',
      'operation',
    ],
    [
      'null for the version',
      'memories',
      () => ({ ...memory(parent.id), syncVersion: null }),
      'INVALID',
      'syncVersion',
    ],
    [
      'null for the time',
      'memories',
      () => ({ ...memory(parent.id), clientTimestamp: null }),
      'INVALID',
      'clientTimestamp',
    ],
    ['a NUL in a text', 'memories', () => memory(parent.id, { content: NUL }), 'INVALID', 'content'],
    [
      'a lone surrogate in a text',
      'memories',
      () => memory(parent.id, { content: LONE }),
      'INVALID',
      'content',
    ],
    [
      'a NUL in JSON of the app',
      'memories',
      () => memory(parent.id, { weatherJSON: NUL }),
      'INVALID',
      'weatherJSON',
    ],
    [
      'a NUL in the change id',
      'memories',
      () => ({ ...memory(parent.id), changeId: NUL }),
      'INVALID',
      'changeId',
    ],
    [
      'a lone surrogate in the change id',
      'memories',
      () => ({ ...memory(parent.id), changeId: LONE }),
      'INVALID',
      'changeId',
    ],
    ['an empty change id', 'memories', () => ({ ...memory(parent.id), changeId: '' }), 'INVALID', 'changeId'],
    [
      'a NUL in the transaction id',
      'memories',
      () => ({ ...memory(parent.id), transactionId: NUL }),
      'INVALID',
      'transactionId',
    ],
    [
      'a NUL in the values it began from',
      'memories',
      () => ({ ...memory(parent.id), baseFields: JSON.stringify({ content: NUL }) }),
      'INVALID',
      'baseFields',
    ],
    [
      'too long a text',
      'memories',
      () => memory(parent.id, { content: 'x'.repeat(100_001) }),
      'INVALID',
      'content',
    ],
    [
      'a latitude beyond the pole',
      'memories',
      () => memory(parent.id, { latitude: 90.0001 }),
      'INVALID',
      'latitude',
    ],
    [
      'a number beyond all numbers',
      'memories',
      () => memory(parent.id, { longitude: 1e308 * 10 }),
      'INVALID',
      'longitude',
    ],
    ['a size with a fraction', 'mediaItems', () => media(note.id, { filesize: 1.5 }), 'INVALID', 'filesize'],
    ['a negative size', 'mediaItems', () => media(note.id, { filesize: -1 }), 'INVALID', 'filesize'],
    ['an order beyond 32 bits', 'mediaItems', () => media(note.id, { order: 2 ** 31 }), 'INVALID', 'order'],
    ['an empty name of a tag', 'tags', () => create({ name: '' }), 'INVALID', 'name'],
    ['a field of the server', 'tags', () => create({ name: 'x', usageCount: 5 }), 'INVALID', 'usageCount'],
    [
      'a field of the server, too',
      'memories',
      () => memory(parent.id, { userId: randomUUID() }),
      'INVALID',
      'userId',
    ],
    ['a field of another type', 'memories', () => memory(parent.id, { name: 'x' }), 'INVALID', 'name'],
    [
      'a version from the future',
      'memories',
      () => update(note.id, 2, { title: 'x' }),
      'VERSION_FROM_FUTURE',
      null,
    ],
    [
      'the largest version',
      'memories',
      () => update(note.id, 2 ** 31 - 1, { title: 'x' }),
      'VERSION_FROM_FUTURE',
      null,
    ],
    ['a deletion from the future', 'memories', () => remove(note.id, 77), 'VERSION_FROM_FUTURE', null],
    ['an unknown id', 'memories', () => update(randomUUID(), 1, { title: 'x' }), 'FORBIDDEN', null],
    [
      'the id of a record of another type',
      'memories',
      () => update(parent.id, 1, { title: 'x' }),
      'FORBIDDEN',
      null,
    ],
  ];
  test.each(ROWS)('%s', async (_what, list, row, code, field) => {
    const failed = await spoils(row(), list, parent);
    expect(failed).toMatchObject({ code, field, retryable: false, error: expect.any(String) });
    expect(failed.error.length).toBeGreaterThan(20);
    expect(failed.error.length).toBeLessThan(600);
  });

  test('a clientId that can not be stored is no matter: it is only echoed', async () => {
    const device = person.on('echo');
    const { successful } = await pushed(device, { memories: [{ ...memory(parent.id), clientId: NUL }] });
    expect(successful[0].clientId).toBe(NUL);
  });
});

describe('a changeId that comes again', () => {
  test('with other content is refused, and the record stays as it was', async () => {
    const own = await ground.person();
    const parent = { ...trip(), changeId: 'my-change' };
    await pushed(own, { trips: [parent] });
    for (const row of [
      { ...parent, name: 'Other content' },
      { ...trip(), changeId: 'my-change' },
      { ...remove(parent.id, 1), changeId: 'my-change' },
    ]) {
      const answer = await own.push({ trips: [row, trip()] });
      expect(answer.failed).toMatchObject([{ code: 'CHANGE_ID_REUSED', index: 0, changeId: 'my-change' }]);
      expect(answer.successful).toHaveLength(1);
    }
    const { trips } = await own.pull();
    expect(trips.map(({ name }: Loose) => name)).toEqual(['Brittany', 'Brittany', 'Brittany', 'Brittany']);
    expect(trips.find(({ id }: Loose) => id === parent.id).syncVersion).toBe(1);
  });

  test('twice in one call is one change, or refused', async () => {
    const own = await ground.person();
    const parent = { ...trip(), changeId: 'twice' };
    const same = await pushed(own, { trips: [parent, parent] });
    expect(same.successful.map((one: Loose) => one.replayed)).toEqual([false, true]);
    const other = await own.push({
      trips: [
        { ...trip(), changeId: 'other' },
        { ...trip(), changeId: 'other' },
      ],
    });
    expect([other.successful.length, other.failed[0].code]).toEqual([1, 'CHANGE_ID_REUSED']);
    expect((await own.pull()).trips).toHaveLength(2);
  });

  test('from somebody else is another change', async () => {
    const [one, other] = [await ground.person(), await ground.person()];
    await pushed(one, { trips: [{ ...trip({ name: 'of one' }), changeId: 'shared' }] });
    const { successful } = await pushed(other, {
      trips: [{ ...trip({ name: 'of other' }), changeId: 'shared' }],
    });
    expect(successful).toMatchObject([{ replayed: false }]);
    expect(JSON.stringify(await other.pull())).not.toContain('of one');
  });
});

describe('a call that can not be read', () => {
  const pull = (variables: Record<string, unknown>) =>
    person.ask(PULL, { since: NEVER, batchSize: 10, ...variables });
  const push = (input: unknown) => person.ask(PUSH, { input });
  const NUL = 'a\u0000b';
  const LONE = 'a\udc00';
  const CALLS: [what: string, call: () => Promise<Answer>, status: number, code: string | RegExp][] = [
    ['batchSize 0', () => pull({ batchSize: 0 }), 200, 'BAD_USER_INPUT'],
    ['a negative batchSize', () => pull({ batchSize: -1 }), 200, 'BAD_USER_INPUT'],
    ['an unknown type', () => pull({ entityTypes: ['Trip', 'Nonsense'] }), 200, 'BAD_USER_INPUT'],
    ['a type with a NUL', () => pull({ entityTypes: [NUL] }), 200, 'BAD_USER_INPUT'],
    ['null among the types', () => pull({ entityTypes: [null] }), 400, 'BAD_USER_INPUT'],
    ['an unknown priority', () => pull({ syncPriority: 'URGENT' }), 400, 'BAD_USER_INPUT'],
    ['a date that is none', () => pull({ since: 'gestern' }), 400, 'BAD_USER_INPUT'],
    ['no date', () => pull({ since: null }), 400, 'BAD_USER_INPUT'],
    ['a garbage cursor', () => pull({ cursor: 'garbage' }), 200, /^CURSOR_/],
    ['an empty cursor', () => pull({ cursor: '' }), 200, /^CURSOR_/],
    ['a cursor with a NUL', () => pull({ cursor: NUL }), 200, /^CURSOR_/],
    ['a cursor with a lone surrogate', () => pull({ cursor: LONE }), 200, /^CURSOR_/],
    ['a cursor without end', () => pull({ cursor: 'A'.repeat(1_000_000) }), 200, /^CURSOR_/],
    ['a cursor of JSON', () => pull({ cursor: '{"user":"x","positions":{}}' }), 200, /^CURSOR_/],
    ['a cursor that is an object', () => pull({ cursor: {} }), 400, 'BAD_USER_INPUT'],
    ['a list that is none', () => push({ trips: 'all' }), 200, 'row'],
    ['a list that is not known', () => push({ users: [] }), 400, 'BAD_USER_INPUT'],
    ['no input', () => push(null), 400, 'BAD_USER_INPUT'],
    ['a device with a NUL', () => push({ deviceId: NUL, trips: [trip()] }), 200, 'BAD_USER_INPUT'],
    [
      'a device with a lone surrogate',
      () => push({ deviceId: LONE, trips: [trip()] }),
      200,
      'BAD_USER_INPUT',
    ],
    [
      'a device without end',
      () => push({ deviceId: 'x'.repeat(10_000), trips: [trip()] }),
      200,
      'BAD_USER_INPUT',
    ],
    ['a batch id with a NUL', () => push({ clientBatchId: NUL, trips: [trip()] }), 200, 'BAD_USER_INPUT'],
    [
      'a batch id with a lone surrogate',
      () => push({ clientBatchId: LONE, trips: [trip()] }),
      200,
      'BAD_USER_INPUT',
    ],
    [
      'a batch id without end',
      () => push({ clientBatchId: 'x'.repeat(10_000), trips: [trip()] }),
      200,
      'BAD_USER_INPUT',
    ],
    ['a limit of 0', () => person.ask(CONFLICTS, { limit: 0 }), 200, 'BAD_USER_INPUT'],
    [
      'conflicts of an unknown type',
      () => person.ask(CONFLICTS, { entityType: 'User' }),
      200,
      'BAD_USER_INPUT',
    ],
    [
      'a conflict with a NUL',
      () => person.ask(RESOLVE, { id: NUL, strategy: 'KEEP_BOTH' }),
      200,
      'FORBIDDEN',
    ],
    [
      'a conflict with a lone surrogate',
      () => person.ask(RESOLVE, { id: LONE, strategy: 'KEEP_BOTH' }),
      200,
      'FORBIDDEN',
    ],
    ['an empty conflict', () => person.ask(RESOLVE, { id: '', strategy: 'KEEP_BOTH' }), 200, 'FORBIDDEN'],
    [
      'a strategy that is none',
      () => person.ask(RESOLVE, { id: randomUUID(), strategy: 'WIN' }),
      400,
      'BAD_USER_INPUT',
    ],
  ];
  test.each(CALLS)('%s', async (_what, call, status, code) => {
    const before = await ground.sql('SELECT count(*) FROM record');
    const answer = await call();
    if (code === 'row') {
      expect(answer.data.bulkSync.failed).toMatchObject([{ code: 'INVALID', field: 'trips' }]);
    } else {
      expect([answer.status, answer.data ?? null]).toEqual([status, null]);
      expect(codeOf(answer)).toEqual(typeof code === 'string' ? code : expect.stringMatching(code));
      expect(answer.errors[0]!.message.length).toBeLessThan(700);
    }
    expect(await ground.sql('SELECT count(*) FROM record')).toEqual(before);
  });

  test('texts that can not be stored are refused wherever they stand in the account and sharing calls', async () => {
    const parent = trip();
    await pushed(person, { trips: [parent] });
    for (const text of [NUL, LONE]) {
      const calls: [string, Record<string, unknown>][] = [
        [
          'mutation A($t: String!) { register(input: { email: $t, password: "long enough" }) { id } }',
          { t: text },
        ],
        [
          'mutation A($t: String!) { register(input: { email: "x@example.org", password: $t }) { id } }',
          { t: text },
        ],
        [
          'mutation A($t: String!) { login(input: { email: $t, password: "long enough" }) { token } }',
          { t: text },
        ],
        ['mutation A($t: String!) { updateUser(input: { firstName: $t }) { id } }', { t: text }],
        ['mutation A($t: String!) { updateUser(input: { username: $t }) { id } }', { t: text }],
        ['query A($t: ID!) { getTripMembers(tripId: $t) { id } }', { t: text }],
        [
          'mutation A($t: ID!) { shareTrip(tripId: $t, email: "x@example.org", permission: READ) { id } }',
          { t: text },
        ],
        [
          `mutation A($t: String!) { shareTrip(tripId: "${parent.id}", email: $t, permission: READ) { id } }`,
          { t: text },
        ],
        ['mutation A($t: ID!) { unshareTrip(tripId: $t, userId: $t) }', { t: text }],
      ];
      for (const [document, variables] of calls) {
        const answer = await person.ask(document, variables);
        expect([document, answer.status, answer.data]).toEqual([document, 200, null]);
        expect([document, codeOf(answer)]).toEqual([
          document,
          expect.stringMatching(/^(BAD_USER_INPUT|FORBIDDEN)$/),
        ]);
      }
    }
    const { unshareTrip } = await person.data(
      `mutation A($t: ID!) { unshareTrip(tripId: "${parent.id}", userId: $t) }`,
      { t: NUL },
    );
    expect(unshareTrip).toBe(false);
  });
});

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

describe("another user's ids", () => {
  interface Victim {
    readonly owner: Person;
    readonly rows: ReturnType<typeof journal>;
    readonly conflictId: string;
    readonly cursor: string;
  }
  let victim: Victim;
  let thief: Person;
  beforeAll(async () => {
    const owner = await ground.person();
    const rows = journal();
    await pushed(owner, rows.input);
    await pushed(owner.on('a'), { memories: [update(rows.note.id, 1, { address: 'a' })] });
    const { conflicts } = await owner.on('b').push({ memories: [update(rows.note.id, 1, { address: 'b' })] });
    const { nextCursor } = await owner.pull();
    victim = { owner, rows, conflictId: conflicts[0].id, cursor: nextCursor };
    thief = await ground.person();
  });

  /** What a call says, whatever id it was asked for. */
  const anonymous = (answer: Answer, ids: readonly string[]): unknown => {
    let text = JSON.stringify(answer);
    for (const id of ids) text = text.replaceAll(id, '<id>');
    return JSON.parse(
      text
        .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
        .replace(/"(changeId|id)":"[\da-f-]{32,36}"/g, '"$1":"<made>"'),
    );
  };

  const rowsOf = (type: keyof typeof TYPES, id: string): Record<string, unknown>[] => [
    update(id, 1, {}),
    update(id, 0, {}),
    remove(id, 1),
    remove(id, 0),
    ...(type === 'Trip' ? [{ ...update(id, 1, { name: 'Stolen' }) }] : []),
  ];
  const idOf = {
    TagCategory: 'category',
    Tag: 'tag',
    BucketListItem: 'wish',
    Trip: 'parent',
    Memory: 'note',
    MediaItem: 'picture',
    GPXTrack: 'way',
  } as const;

  test.each(Object.entries(idOf))('of a %s, in rows of bulkSync', async (type, name) => {
    const { list } = TYPES[type as keyof typeof TYPES];
    const known = victim.rows[name].id;
    const unknown = randomUUID();
    for (const at of rowsOf(type as keyof typeof TYPES, known).keys()) {
      const ask = (id: string) =>
        thief.ask(PUSH, { input: { [list]: [rowsOf(type as keyof typeof TYPES, id)[at]] } });
      const [foreign, none] = [await ask(known), await ask(unknown)];
      expect(anonymous(foreign, [known])).toEqual(anonymous(none, [unknown]));
      expect(foreign.data.bulkSync).toMatchObject({
        successful: [],
        conflicts: [],
        failed: [{ code: 'FORBIDDEN' }],
      });
    }
  });

  test('as a parent or as a link of rows', async () => {
    const { parent, note, tag, category, wish, way } = victim.rows;
    const own = trip();
    await pushed(thief, { trips: [own] });
    const cases: [known: { id: string }, row: (id: string) => Record<string, unknown[]>][] = [
      [parent, (id) => ({ memories: [memory(id)] })],
      [parent, (id) => ({ gpxTracks: [track(id)] })],
      [note, (id) => ({ mediaItems: [media(id)] })],
      [tag, (id) => ({ memories: [memory(own.id, { tagIds: [id] })] })],
      [wish, (id) => ({ memories: [memory(own.id, { bucketListItemId: id })] })],
      [way, (id) => ({ memories: [memory(own.id, { gpxTrackId: id })] })],
      [note, (id) => ({ gpxTracks: [track(own.id, { memoryId: id })] })],
      [category, (id) => ({ tags: [create({ name: randomUUID(), categoryId: id })] })],
      [tag, (id) => ({ tags: [create({ name: randomUUID(), relatedTagIds: [id] })] })],
    ];
    for (const [{ id: known }, rows] of cases) {
      const unknown = randomUUID();
      const ask = async (id: string) => {
        const input = rows(id);
        const made = Object.values(input).flatMap((list) => list.map((row) => (row as { id: string }).id));
        const answer = await thief.ask(PUSH, { input });
        return anonymous(answer, [id, ...made]) as Answer;
      };
      const strip = (answer: Answer): unknown =>
        JSON.parse(JSON.stringify(answer).replace(/"seq":\d+/g, '"seq":0'));
      expect(strip(await ask(known))).toEqual(strip(await ask(unknown)));
    }
    const everything = `{ enhancedSync(lastSyncedAt: "${NEVER}", batchSize: 1000) {
      memories { tagIds tags { name } bucketListItemId gpxTrackId gpxTrack { name } }
      gpxTracks { memoryId } tags { categoryId category { name } relatedTagIds relatedTags { name } } } }`;
    const { memories, tags, gpxTracks } = (await thief.data(everything)).enhancedSync;
    expect(memories.length + tags.length + gpxTracks.length).toBe(12);
    for (const one of memories)
      expect(one).toEqual({ tagIds: [], tags: [], bucketListItemId: null, gpxTrackId: null, gpxTrack: null });
    for (const one of gpxTracks) expect(one.memoryId).toBeNull();
    for (const one of tags)
      expect(one).toEqual({ categoryId: null, category: null, relatedTagIds: [], relatedTags: [] });
  });

  test.each([
    ['getTripMembers', 'query Q($id: ID!) { getTripMembers(tripId: $id) { id userId user { email } } }'],
    [
      'shareTrip',
      'mutation Q($id: ID!) { shareTrip(tripId: $id, email: "nobody@example.org", permission: READ) { id } }',
    ],
    [
      'unshareTrip',
      'mutation Q($id: ID!) { unshareTrip(tripId: $id, userId: "00000000-0000-4000-8000-000000000000") }',
    ],
  ])('as the trip of %s', async (_name, document) => {
    const ask = (id: string) => thief.ask(document, { id });
    const known = victim.rows.parent.id;
    const [foreign, none] = [await ask(known), await ask(randomUUID())];
    expect(foreign).toEqual(none);
    expect([foreign.status, foreign.data, codeOf(foreign)]).toEqual([200, null, 'FORBIDDEN']);
  });

  test('as the members of a trip: who may not share learns of no account', async () => {
    const own = trip();
    await pushed(victim.owner, { trips: [own] });
    await share(victim.owner, own.id, thief, 'READ');
    const document =
      'mutation S($id: ID!, $email: String!) { shareTrip(tripId: $id, email: $email, permission: WRITE) { id } }';
    const ask = (email: string) => thief.ask(document, { id: own.id, email });
    expect(await ask(victim.owner.email)).toEqual(await ask('nobody@example.org'));
    const drop = (userId: string) =>
      thief.ask('mutation U($id: ID!, $userId: ID!) { unshareTrip(tripId: $id, userId: $userId) }', {
        id: own.id,
        userId,
      });
    expect(codeOf(await drop(victim.owner.userId))).toBe('FORBIDDEN');
  });

  test.each(['LAST_WRITE_WINS', 'FIRST_WRITE_WINS', 'MANUAL_RESOLUTION', 'KEEP_BOTH'])(
    'as the conflict of resolveConflict, %s',
    async (strategy) => {
      const ask = (id: string) => thief.ask(RESOLVE, { id, strategy, data: '{"address":"Stolen"}' });
      const [foreign, none] = [await ask(victim.conflictId), await ask(randomUUID())];
      expect(foreign).toEqual(none);
      expect(codeOf(foreign)).toBe('FORBIDDEN');
    },
  );

  test('as the cursor of a page or of a push', async () => {
    const page = await thief.ask(PULL, { since: NEVER, batchSize: 10, cursor: victim.cursor });
    expect([page.status, page.data, codeOf(page)]).toEqual([200, null, 'CURSOR_FOREIGN']);
    const own = trip();
    const answer = await thief.push({ cursor: victim.cursor, trips: [own] });
    expect(answer.successful).toMatchObject([{ entityId: own.id }]);
  });

  test('and after all of that the victim has what it had, and the thief nothing of it', async () => {
    const page = await victim.owner.on('c').pull();
    const { rows } = victim;
    for (const [type, name] of Object.entries(idOf)) {
      const record = page[TYPES[type as keyof typeof TYPES].list].find(
        ({ id }: Loose) => id === rows[name].id,
      );
      expect([type, record.syncVersion]).toEqual([type, type === 'Memory' ? 2 : 1]);
    }
    // Conflicts tell the thief what it sent itself.
    const { conflicts, ...stolen } = await thief.pull();
    for (const name of Object.values(idOf)) expect(JSON.stringify(stolen)).not.toContain(rows[name].id);
    for (const { localData } of conflicts) expect(localData).toBe('null');
  });
});
