/** Gaps D: versions, clocks, dates, and what a null means. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AT,
  codeOf,
  conflictsOf,
  create,
  type Ground,
  journal,
  journalOf,
  type Loose,
  later,
  media,
  memory,
  NEVER,
  type Person,
  PULL,
  pushed,
  remove,
  resolve,
  seen,
  share,
  startTravel,
  TYPES,
  track,
  trip,
  update,
} from './ground.ts';
import { replicaOf } from './replica.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await startTravel();
});
afterAll(() => ground.close());

const minutesFromNow = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();

describe('D1', () => {
  type Rows = Awaited<ReturnType<typeof journalOf>>;
  /** Each way to change a record, and the record that must move. */
  const WAYS: [
    what: string,
    list: string,
    of: (rows: Rows) => { id: string },
    act: (person: Person, rows: Rows) => Promise<unknown>,
  ][] = [
    [
      'an edit',
      'memories',
      ({ note }) => note,
      (person, { note }) => pushed(person, { memories: [update(note.id, 1, { title: 'x' })] }),
    ],
    [
      'other tags alone',
      'memories',
      ({ note }) => note,
      (person, { note }) => pushed(person, { memories: [update(note.id, 1, { tagIds: [] })] }),
    ],
    [
      'another priority alone',
      'trips',
      ({ parent }) => parent,
      (person, { parent }) => pushed(person, { trips: [update(parent.id, 1, { syncPriority: 'HIGH' })] }),
    ],
    [
      'an edit of a wish',
      'bucketListItems',
      ({ wish }) => wish,
      (person, { wish }) => pushed(person, { bucketListItems: [update(wish.id, 1, { isDone: true })] }),
    ],
    [
      'an edit of a track',
      'gpxTracks',
      ({ way }) => way,
      (person, { way }) => pushed(person, { gpxTracks: [update(way.id, 1, { memoryId: null })] }),
    ],
    [
      'an edit of a category',
      'tagCategories',
      ({ category }) => category,
      (person, { category }) => pushed(person, { tagCategories: [update(category.id, 1, { emoji: '🌊' })] }),
    ],
    [
      'an edit by another member',
      'memories',
      ({ note }) => note,
      async (person, { parent, note }) => {
        const guest = await ground.person();
        await share(person, parent.id, guest, 'WRITE');
        await pushed(guest, { memories: [update(note.id, 1, { title: 'guest' })] });
      },
    ],
    [
      'a resolved conflict',
      'memories',
      ({ note }) => note,
      async (person, { note }) => {
        await pushed(person, { memories: [update(note.id, 1, { address: 'new' }, later(9))] });
        const late = await person
          .on('slow')
          .push({ memories: [update(note.id, 1, { address: 'old' }, later(1))] });
        expect(
          (await resolve(person, late.successful[0].conflictId, 'MANUAL_RESOLUTION', { address: 'decided' }))
            .errors,
        ).toEqual([]);
      },
    ],
  ];
  test.each(WAYS)(
    'D1 %s moves version and updatedAt, and reaches the other device',
    async (_what, list, of, act) => {
      const person = await ground.person();
      const rows = await journalOf(person);
      const replica = replicaOf(person.on('tablet'));
      await replica.sync();
      const { id } = of(rows);
      const before = replica.records.get(`${list}/${id}`);
      await act(person, rows);
      await replica.sync();
      const after = replica.records.get(`${list}/${id}`);
      expect(after.syncVersion).toBeGreaterThan(before.syncVersion);
      expect(Date.parse(after.updatedAt)).toBeGreaterThan(Date.parse(before.updatedAt));
      expect(after.createdAt).toBe(before.createdAt);
    },
  );

  test('D1 whoever edits an old version does not overwrite what came in between unnoticed', async () => {
    const person = await ground.person();
    const { note } = await journalOf(person);
    await pushed(person, { memories: [update(note.id, 1, { address: 'seen by nobody' }, later(1))] });
    const { successful } = await pushed(person.on('tablet'), {
      memories: [update(note.id, 1, { address: 'newer' }, later(2))],
    });
    expect(successful).toMatchObject([{ outcome: 'conflict', winner: 'client', syncVersion: 3 }]);
    const [{ body }] = (await ground.sql('SELECT body FROM sync_conflict WHERE entity_id = $1', [
      note.id,
    ])) as [Loose];
    expect(body.server.locationName).toBe('seen by nobody');
  });

  test('D1 what a cascade takes along gets its own version, and is told to others', async () => {
    const person = await ground.person();
    const { parent, note, picture, way } = await journalOf(person);
    const replica = replicaOf(person.on('tablet'));
    await replica.sync();
    await pushed(person, { trips: [remove(parent.id, 1)] });
    await replica.sync();
    for (const key of [
      `trips/${parent.id}`,
      `memories/${note.id}`,
      `mediaItems/${picture.id}`,
      `gpxTracks/${way.id}`,
    ])
      expect(replica.arrivals).toContain(`-${key}`);
    const graves = await ground.sql('SELECT version FROM record WHERE scope_id = $1', [`trip:${parent.id}`]);
    expect(graves.map(({ version }) => version)).toEqual([2, 2, 2, 2]);
  });
});

test('D2 every new record begins at version 1, whoever makes it and whatever it says', async () => {
  const person = await ground.person();
  const { input } = journal();
  const asVersion = (rows: object[], syncVersion: number) => rows.map((row) => ({ ...row, syncVersion }));
  const answer = await pushed(person, {
    ...input,
    trips: asVersion(input.trips, 7),
    tags: asVersion(input.tags, 1),
  });
  expect(new Set(answer.successful.map((one: Loose) => one.syncVersion))).toEqual(new Set([1]));
  const nameless = await pushed(person, { trips: [{ ...trip(), id: undefined }] });
  expect(nameless.successful[0].syncVersion).toBe(1);

  const note = input.memories[0]!;
  await pushed(person, { memories: [update(note.id, 1, { address: 'a' }, later(2))] });
  const { successful } = await pushed(person.on('b'), {
    memories: [update(note.id, 1, { address: 'b' }, later(1))],
  });
  const { data } = await resolve(person, successful[0].conflictId, 'KEEP_BOTH');
  const copy = await seen(person, 'memories', { id: data.resolveConflict.newEntityId });
  expect(copy).toMatchObject({ syncVersion: 1, address: 'b' });
  const page = await person.on('c').pull();
  for (const { list } of Object.values(TYPES)) {
    for (const record of page[list]) expect(record.syncVersion).toBeGreaterThanOrEqual(1);
  }
});

describe('D3', () => {
  test('D3 a clock that runs years ahead wins once, not for ever', async () => {
    const person = await ground.person();
    const { note } = await journalOf(person);
    const liar = person.on('liar');
    await pushed(liar, {
      memories: [update(note.id, 1, { address: 'from 2099' }, '2099-01-01T00:00:00.000Z')],
    });
    // Both lie: then the one that is heard later is the later one, and not the one that lies more.
    const { successful } = await pushed(person, {
      memories: [update(note.id, 1, { address: 'after' }, '2050-01-01T00:00:00.000Z')],
    });
    expect(successful).toMatchObject([{ outcome: 'conflict', winner: 'client' }]);
    expect((await seen(person, 'memories', note)).address).toBe('after');
    // An honest device has caught up after five minutes: here it is one that is that much ahead.
    const [{ clock }] = (await ground.sql('SELECT field_clock AS clock FROM record WHERE id = $1', [
      note.id,
    ])) as [Loose];
    for (const stamp of Object.values<Loose>(clock)) {
      expect(stamp.time ?? stamp[1]).toBeLessThan(Date.parse(minutesFromNow(6)));
    }
  });

  test('D3 the later edit wins, whichever arrives first; at a tie the server’s stays', async () => {
    for (const [first, second, winner] of [
      [5, 1, 'server'],
      [1, 5, 'client'],
      [3, 3, 'server'],
    ] as const) {
      const person = await ground.person();
      const { note } = await journalOf(person);
      await pushed(person, { memories: [update(note.id, 1, { address: 'first' }, later(first))] });
      const { successful } = await pushed(person.on('b'), {
        memories: [update(note.id, 1, { address: 'second' }, later(second))],
      });
      expect(successful).toMatchObject([{ outcome: 'conflict', winner }]);
      expect((await seen(person, 'memories', note)).address).toBe(winner === 'server' ? 'first' : 'second');
    }
  });

  test('D3 both times are recorded: when it was edited, and when it arrived', async () => {
    const person = await ground.person();
    const { note } = await journalOf(person);
    await pushed(person, { memories: [update(note.id, 1, { address: 'a' }, later(5))] });
    await pushed(person.on('b'), { memories: [update(note.id, 1, { address: 'b' }, later(1))] });
    const [{ body }] = (await ground.sql('SELECT body FROM sync_conflict WHERE entity_id = $1', [
      note.id,
    ])) as [Loose];
    expect([body.serverTime, body.clientTime]).toEqual([Date.parse(later(5)), Date.parse(later(1))]);
    const [conflict] = await conflictsOf(person);
    expect(Math.abs(Date.parse(conflict.timestamp) - Date.now())).toBeLessThan(60_000);
    const { updatedAt } = await seen(person, 'memories', note);
    expect(Math.abs(Date.parse(updatedAt) - Date.now())).toBeLessThan(60_000);
  });
});

test('D4 the state of a device is no state of the record: it is shown to that device and makes nothing travel', async () => {
  const person = await ground.person();
  const { parent, note } = await journalOf(person);
  const [phone, tablet] = [person.on('phone'), person.on('tablet')];
  const { nextCursor } = await tablet.pull();
  const refused = await phone.push({ memories: [update(note.id, 1, { title: null })], trips: [] });
  expect(refused.failed).toHaveLength(1);
  const state = async (device: Person) => {
    const { syncStatus, isDirty, needsSync, lastSyncAttempt, syncErrorMessage } = await seen(
      device,
      'memories',
      note,
    );
    return { syncStatus, isDirty, needsSync, lastSyncAttempt, syncErrorMessage };
  };
  const neutral = {
    syncStatus: 'IN_SYNC',
    isDirty: false,
    needsSync: false,
    lastSyncAttempt: null,
    syncErrorMessage: null,
  };
  expect(await state(phone)).toEqual({
    ...neutral,
    syncStatus: 'SYNC_ERROR',
    lastSyncAttempt: expect.stringMatching(/Z$/),
    syncErrorMessage: refused.failed[0].error,
  });
  expect(await state(tablet)).toEqual(neutral);
  const page = await tablet.pull({ cursor: nextCursor });
  expect([page.totalCount, page.memories]).toEqual([0, []]);
  const guest = await ground.person();
  await share(person, parent.id, guest);
  expect(await state(guest)).toEqual(neutral);
});

describe('D5', () => {
  test('D5 a version from the future is told apart from an old one, and says what to do', async () => {
    const person = await ground.person();
    const { note, parent } = await journalOf(person);
    const answer = await person.push({
      memories: [update(note.id, 9, { title: 'x' })],
      trips: [remove(parent.id, 2)],
    });
    expect(answer).toMatchObject({ successful: [], conflicts: [] });
    for (const one of answer.failed) {
      expect(one).toMatchObject({ code: 'VERSION_FROM_FUTURE', retryable: false });
      expect(one.error).toMatch(/full sync/i);
    }
    expect(answer.failed).toHaveLength(2);
    expect(await seen(person, 'memories', note)).toMatchObject({ title: 'Lighthouse', syncVersion: 1 });
  });
});

describe('D6', () => {
  test('D6 moments are kept with their zone, and come back as UTC with exactly three decimals', async () => {
    const person = await ground.person();
    for (const [sent, meant] of [
      ['2024-07-01T01:30:00+02:00', '2024-06-30T23:30:00.000Z'],
      ['2024-07-01T01:30:00.5-05:30', '2024-07-01T07:00:00.500Z'],
      ['2024-07-01T01:30:00.123456Z', '2024-07-01T01:30:00.123Z'],
      ['2024-07-01T01:30:00Z', '2024-07-01T01:30:00.000Z'],
      ['0001-01-01T00:00:00.000Z', '0001-01-01T00:00:00.000Z'],
      ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    ]) {
      const parent = trip({ startDate: sent });
      await pushed(person, { trips: [parent] });
      expect([sent, (await seen(person, 'trips', parent)).startDate]).toEqual([sent, meant]);
    }
    const columns = await ground.sql(
      `SELECT table_name, column_name, data_type FROM information_schema.columns
       WHERE table_schema = 'ackord' AND data_type LIKE '%timestamp%'`,
    );
    expect(columns.length).toBeGreaterThan(10);
    expect(new Set(columns.map(({ data_type }) => data_type))).toEqual(new Set(['timestamp with time zone']));
  });

  test('D6 updatedAt is the same in the answer, in the feed and for the next lastSyncedAt', async () => {
    const person = await ground.person();
    const parent = trip();
    const { successful } = await pushed(person, { trips: [parent] });
    const page = await person.on('b').pull();
    expect(page.trips[0].updatedAt).toBe(successful[0].updatedAt);
    for (const stamp of [page.serverTimestamp, page.trips[0].updatedAt, page.trips[0].createdAt])
      expect(stamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect((await person.on('b').pull({ since: page.serverTimestamp })).trips).toEqual([]);
  });
});

describe('D7', () => {
  const CASES: [
    type: string,
    list: string,
    make: (rows: Loose) => Loose,
    clearable: object,
    required: string[],
  ][] = [
    [
      'Trip',
      'trips',
      () => trip({ tripDescription: 'd', endDate: later(9), travelCompanions: 'c' }),
      { tripDescription: null, endDate: null, travelCompanions: null },
      ['name', 'startDate', 'isActive', 'totalDistance', 'gpsTrackingEnabled'],
    ],
    [
      'Memory',
      'memories',
      ({ parent }) => memory(parent.id, { content: 'c', address: 'a', weatherJSON: '{}' }),
      { content: null, address: null, weatherJSON: null },
      ['title', 'tripId', 'latitude', 'longitude', 'tagIds'],
    ],
    [
      'MediaItem',
      'mediaItems',
      ({ note }) => media(note.id, { duration: 3 }),
      { duration: null },
      ['memoryId', 'objectName', 'mediaType', 'order', 'filesize'],
    ],
    [
      'GPXTrack',
      'gpxTracks',
      ({ parent }) => track(parent.id, { description: 'd', creator: 'c', totalPoints: 5 }),
      { description: null, creator: null, totalPoints: null },
      ['name', 'tripId'],
    ],
    [
      'Tag',
      'tags',
      () => create({ name: randomUUID(), emoji: 'e', color: 'red' }),
      { emoji: null, color: null },
      ['name', 'isArchived', 'sortOrder', 'relatedTagIds'],
    ],
    [
      'TagCategory',
      'tagCategories',
      () => create({ name: randomUUID(), emoji: 'e' }),
      { emoji: null },
      ['name', 'sortOrder', 'isExpanded'],
    ],
    [
      'BucketListItem',
      'bucketListItems',
      () => create({ name: 'n', country: 'c', latitude1: 1 }),
      { country: null, latitude1: null },
      ['name', 'isDone'],
    ],
  ];
  test.each(CASES)(
    'D7 %s: left out is kept, null clears what may be empty and is refused elsewhere',
    async (_type, list, make, clearable, required) => {
      const person = await ground.person();
      const rows = await journalOf(person);
      const row = make(rows);
      await pushed(person, { [list]: [row] });
      const before = await seen(person, list, row);
      const fieldsOf = ({
        syncVersion: _v,
        updatedAt: _u,
        lastSyncAttempt: _l,
        syncErrorMessage: _e,
        syncStatus: _s,
        ...fields
      }: Loose) => fields;
      for (const field of required) {
        const answer = await person.push({ [list]: [update(row.id, 1, { [field]: null })] });
        expect(answer).toMatchObject({ successful: [], failed: [{ code: 'INVALID', field }] });
      }
      expect(fieldsOf(await seen(person, list, row))).toEqual(fieldsOf(before));
      await pushed(person, { [list]: [update(row.id, 1, {})] });
      expect(fieldsOf(await seen(person, list, row))).toEqual(fieldsOf(before));
      await pushed(person, { [list]: [update(row.id, 1, clearable)] });
      expect(await seen(person.on('b'), list, row)).toMatchObject({ ...clearable, syncVersion: 2 });
    },
  );
});

describe('D8', () => {
  const NO_DATES = [
    'gestern',
    '',
    '2024-02-30T00:00:00Z',
    '2024-13-01T00:00:00Z',
    '2024-05-01',
    '2024-05-01T12:00:00',
    '0000-01-01T00:00:00Z',
    '10000-01-01T00:00:00Z',
    '+010000-01-01T00:00:00Z',
    '2024-05-01T25:00:00Z',
    '2024-05-01T12:00:00+25:00',
    'Invalid Date',
    'infinity',
    'now',
    'epoch',
    1_714_564_800_000,
    true,
    {},
    [],
  ];
  test.each(NO_DATES)('D8 %j is no date, in any field of any type', async (bad) => {
    const person = await ground.person();
    const { parent, note } = await journalOf(person);
    const before = await person.on('b').pull();
    const answer = await person.push({
      trips: [trip({ startDate: bad }), trip({ endDate: bad }), update(parent.id, 1, { startDate: bad })],
      memories: [memory(parent.id, { date: bad }), update(note.id, 1, { date: bad })],
      mediaItems: [media(note.id, { timestamp: bad })],
      gpxTracks: [track(parent.id, { startTime: bad }), track(parent.id, { endTime: bad })],
      bucketListItems: [create({ name: 'x', completedAt: bad })],
      tags: [{ ...create({ name: 'x' }), clientTimestamp: bad }],
    });
    expect(answer).toMatchObject({ successful: [], conflicts: [] });
    expect(answer.failed.map((one: Loose) => [one.code, one.field]).sort()).toEqual(
      [
        'clientTimestamp',
        'completedAt',
        'date',
        'date',
        'endDate',
        'endTime',
        'startDate',
        'startDate',
        'startTime',
        'timestamp',
      ].map((field) => ['INVALID', field]),
    );
    expect((await person.on('b').pull({ cursor: before.nextCursor })).totalCount).toBe(0);
    if (typeof bad === 'string' && bad.startsWith('0000')) return;
    const read = await person.ask(PULL, { since: bad });
    expect([read.status, codeOf(read)]).toEqual([400, 'BAD_USER_INPUT']);
  });

  test('D8 the end is not before the beginning', async () => {
    const person = await ground.person();
    const parent = trip({ endDate: later(-1) });
    const answer = await person.push({ trips: [parent, trip({ endDate: AT })] });
    expect(answer.failed).toMatchObject([{ entityId: parent.id, code: 'INVALID' }]);
    expect((await person.pull({ since: NEVER })).trips).toHaveLength(1);
  });
});
