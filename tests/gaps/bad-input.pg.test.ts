/**
 * Bad input of every kind: each gets its coded error, in `failed` where a row is at fault and in `errors` where the call
 * is; the rest of the batch goes on, nothing is half written, and no word of the database is in any answer.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Answer,
  AT,
  CONFLICTS,
  codeOf,
  create,
  type Ground,
  idsIn,
  journal,
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
  startTravel,
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
  const at = (location: unknown, clientId?: string) => ({ ...memory(parent.id), location, clientId });
  const poisoned = (name: string): Record<string, unknown> => ({
    ...memory(parent.id),
    ...JSON.parse(`{"${name}":{"prototype":{"admin":true},"admin":true}}`),
  });
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
    ['a blank name of a tag', 'tags', () => create({ name: ' \t' }), 'INVALID', 'name'],
    ['a blank name of a category', 'tagCategories', () => create({ name: '\u00a0' }), 'INVALID', 'name'],
    ['a field of the server', 'tags', () => create({ name: 'x', usageCount: 5 }), 'INVALID', 'usageCount'],
    [
      'a field of the server, too',
      'memories',
      () => memory(parent.id, { userId: randomUUID() }),
      'INVALID',
      'userId',
    ],
    ['a stored name', 'memories', () => memory(parent.id, { text: 'x' }), 'INVALID', 'text'],
    ['half a place', 'memories', () => at({ latitude: 5 }), 'INVALID', 'location.longitude'],
    ['a place without a place', 'memories', () => at({ name: 'x' }), 'INVALID', 'location.latitude'],
    ['a place that is empty', 'memories', () => at({}), 'INVALID', 'location.latitude'],
    [
      'a place beyond the pole',
      'memories',
      () => at({ latitude: 91, longitude: 0 }),
      'INVALID',
      'location.latitude',
    ],
    ['a poisoned prototype', 'memories', () => poisoned('__proto__'), 'INVALID', '__proto__'],
    ['a constructor', 'memories', () => poisoned('constructor'), 'INVALID', 'constructor'],
    ['too long a clientId', 'memories', () => at(undefined, 'x'.repeat(129)), 'INVALID', 'clientId'],
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

  test.each([
    ['changeId', NUL, 'changeId must have 1 to 128 characters, none of them NUL'],
    ['syncVersion', 2 ** 31, 'syncVersion must be a whole number from 0 to 2147483647.'],
    [
      'clientTimestamp',
      '0000-01-01T00:00:00.000Z',
      'clientTimestamp must be an ISO 8601 moment with a zone, in the years 0001 to 9999.',
    ],
    ['title', null, 'title must not be null.'],
    ['content', 'x'.repeat(100_001), 'content must have at most 100000 characters.'],
    ['text', 'x', 'text is not a field of this input; it is called content there.'],
    ['timestamp', AT, 'timestamp is not a field of this input; it is called date there.'],
    ['locationName', 'x', 'locationName is not a field of this input; it is called address there.'],
    ['address', 5, 'address must be a text.'],
  ])('what is wrong is said in full: %s %j', async (field, value, message) => {
    const { failed } = await person.push({ memories: [{ ...memory(parent.id), [field]: value }] });
    expect(failed).toMatchObject([{ field, error: expect.stringContaining(` ${message}`) }]);
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
    ['a garbage cursor of a push', () => push({ cursor: 'garbage', trips: [] }), 200, 'CURSOR_MALFORMED'],
    ['an empty cursor of a push', () => push({ cursor: '', trips: [] }), 200, 'CURSOR_MALFORMED'],
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
    const answer = await person.ask(
      `mutation A($t: ID!) { unshareTrip(tripId: "${parent.id}", userId: $t) }`,
      { t: NUL },
    );
    expect([answer.data, codeOf(answer)]).toEqual([null, 'BAD_USER_INPUT']);
  });
});
