/** Gaps F: conflicts are stored, decided where they can be, and can be decided otherwise afterwards. */
import { randomUUID } from 'node:crypto';
import { defineGraphQL } from '@ackord/server';
import { travelDomain, travelGraphQL } from '@ackord/travel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '../../packages/server/src/config.ts';
import { todoDomain } from '../graphql/todo-domain.ts';
import { startGraphQL } from '../support/graphql.ts';
import {
  AT,
  codeOf,
  conflictsOf,
  create,
  type Ground,
  journalOf,
  type Loose,
  later,
  memory,
  type Person,
  pushed,
  remove,
  resolve,
  seen,
  share,
  startTravel,
  trip,
  update,
} from './ground.ts';
import { replicaOf } from './replica.ts';

let automatic: Ground;
let manual: Ground;
beforeAll(async () => {
  automatic = await startTravel();
  manual = await startTravel({ CONFLICT_RESOLUTION_STRATEGY: 'MANUAL_RESOLUTION' });
});
afterAll(async () => {
  await automatic.close();
  await manual.close();
});

/** A memory whose address two devices have changed: 'phone' first, then 'tablet', whose conflict is open. */
async function conflicted(owner?: Person) {
  const person = owner ?? (await manual.person());
  const rows = await journalOf(person);
  const [phone, tablet] = [person.on('phone'), person.on('tablet')];
  await pushed(phone, { memories: [update(rows.note.id, 1, { address: 'phone' })] });
  const { conflicts } = await tablet.push({ memories: [update(rows.note.id, 1, { address: 'tablet' })] });
  return { person, phone, tablet, ...rows, conflict: conflicts[0] };
}

describe('F1', () => {
  test('F1 a conflict is kept with all that is needed to decide it, also by another server', async () => {
    const { person, tablet, note, conflict } = await conflicted();
    const [row] = await manual.sql('SELECT * FROM sync_conflict WHERE id = $1', [conflict.id]);
    expect(row).toMatchObject({
      scope_id: `trip:${note.tripId}`,
      type: 'travel.Memory',
      entity_id: note.id,
      actor_id: person.userId,
      device_id: 'tablet',
      status: 'pending',
    });
    const other = await startTravel({}, manual.server);
    const there = other.guest(tablet);
    expect(await conflictsOf(there)).toMatchObject([
      { id: conflict.id, localVersion: 2, remoteVersion: 1, conflictedFields: ['address'] },
    ]);
    expect((await resolve(there, conflict.id, 'MANUAL_RESOLUTION', { address: 'both' })).errors).toEqual([]);
    await other.close();
    expect((await seen(person, 'memories', note)).address).toBe('both');
  });

  test('F1 of one record and device there is one open conflict: a newer push takes its place', async () => {
    const { tablet, person, note, conflict } = await conflicted();
    const again = await tablet.push({
      memories: [update(note.id, 1, { address: 'tablet again' }, later(1))],
    });
    const open = (await conflictsOf(tablet)).filter(({ status }) => status === 'pending');
    expect(open.map(({ id }) => id)).toEqual([again.conflicts[0].id]);
    expect(JSON.parse(open[0].remoteData)).toEqual({ address: 'tablet again' });
    expect(codeOf(await resolve(tablet, conflict.id, 'KEEP_BOTH'))).toBe('FORBIDDEN');
    const third = await person.on('watch').push({ memories: [update(note.id, 1, { address: 'watch' })] });
    expect(third.conflicts).toHaveLength(1);
    const counts = await manual.sql(
      `SELECT status, count(*)::int AS count FROM sync_conflict WHERE entity_id = $1 GROUP BY 1 ORDER BY 1`,
      [note.id],
    );
    expect(counts).toEqual([
      { status: 'pending', count: 2 },
      { status: 'superseded', count: 1 },
    ]);
  });
});

test('F1 conflicts of another domain are no matter of this one', async () => {
  const todoGraphQL = { ...defineGraphQL({ name: 'todo' }), path: '/graphql/todo' };
  const server = await startGraphQL({
    domains: [travelDomain, todoDomain],
    graphql: [{ ...travelGraphQL, path: '/graphql' }, todoGraphQL],
    environment: { CONFLICT_RESOLUTION_STRATEGY: 'MANUAL_RESOLUTION' },
  });
  const { token, data: inTravel } = await server.caller();
  const headers = { authorization: `Bearer ${token}` };
  const inTodo = (document: string, variables?: Record<string, unknown>) =>
    server.anonymous({ path: '/graphql/todo' })(document, variables, { headers });
  const BULK =
    'mutation S($input: BulkSyncInput!) { bulkSync(input: $input) { conflicts { id } failed { error } } }';
  const [list, parent] = [create({ name: 'House' }), trip()];
  for (const [device, name, version] of [
    ['a', 'House', 0],
    ['a', 'Garden', 1],
    ['b', 'Cellar', 1],
  ] as const) {
    const row = version === 0 ? list : update(list.id, version, { name });
    await inTodo(BULK, { input: { deviceId: device, todoLists: [row] } });
    const tripRow = version === 0 ? parent : update(parent.id, version, { name });
    await inTravel(BULK, { input: { deviceId: device, trips: [tripRow] } });
  }
  const asked = `{ getConflicts { entityType entityId } enhancedSync(lastSyncedAt: "${AT}") { conflicts { entityId } } }`;
  expect(await inTravel(asked)).toEqual({
    getConflicts: [{ entityType: 'Trip', entityId: parent.id }],
    enhancedSync: { conflicts: [{ entityId: parent.id }] },
  });
  expect(await inTodo(asked)).toMatchObject({
    errors: [],
    data: {
      getConflicts: [{ entityType: 'TodoList', entityId: list.id }],
      enhancedSync: { conflicts: [{ entityId: list.id }] },
    },
  });
  await server.close();
});

describe('F2', () => {
  test('F2 edits of different fields are put together, without any conflict', async () => {
    const person = await manual.person();
    const { note } = await journalOf(person);
    await pushed(person.on('a'), { memories: [update(note.id, 1, { title: 'Le phare' })] });
    await pushed(person.on('b'), { memories: [update(note.id, 1, { date: later(3) })] });
    await pushed(person.on('c'), { memories: [update(note.id, 1, { content: 'Very tall and white.' })] });
    await pushed(person.on('d'), { memories: [update(note.id, 1, { content: 'Tall and red.' })] });
    expect(await seen(person, 'memories', note)).toMatchObject({
      title: 'Le phare',
      date: later(3),
      content: 'Very tall and red.',
      syncVersion: 5,
    });
    expect(await conflictsOf(person)).toEqual([]);
  });

  test('F2 a whole row, of which one field was edited, is an edit of that field', async () => {
    const person = await manual.person();
    const parent = trip();
    const row = memory(parent.id, {
      content: 'White.',
      address: 'Here',
      latitude: 1,
      longitude: 2,
      weatherJSON: null,
    });
    await pushed(person, { trips: [parent], memories: [row] });
    const { id, operation: _o, syncVersion: _v, clientTimestamp: _t, ...whole } = row;
    await pushed(person.on('a'), { memories: [update(id, 1, { ...whole, title: 'By a' })] });
    await pushed(person.on('b'), { memories: [update(id, 1, { ...whole, content: 'By b.' })] });
    expect(await seen(person, 'memories', row)).toMatchObject({
      title: 'By a',
      content: 'By b.',
      address: 'Here',
    });
    expect(await conflictsOf(person)).toEqual([]);
  });

  test('F2 tags that two devices add and take away are put together', async () => {
    const person = await manual.person();
    const tags = ['one', 'two', 'three', 'four'].map((name) => create({ name }));
    const ids = tags.map(({ id }) => id);
    const parent = trip();
    const note = memory(parent.id, { tagIds: [ids[0], ids[1]] });
    await pushed(person, { tags, trips: [parent], memories: [note] });
    await pushed(person.on('a'), { memories: [update(note.id, 1, { tagIds: [ids[0], ids[1], ids[2]] })] });
    await pushed(person.on('b'), { memories: [update(note.id, 1, { tagIds: [ids[1], ids[3]] })] });
    expect((await seen(person, 'memories', note)).tagIds.sort()).toEqual([ids[1], ids[2], ids[3]].sort());
  });

  test('F2 the same field is decided by the strategy of the server; only MANUAL_RESOLUTION leaves it open', async () => {
    for (const [strategy, address, answered] of [
      ['LAST_WRITE_WINS', 'late', 'successful'],
      ['FIRST_WRITE_WINS', 'first', 'successful'],
      ['MANUAL_RESOLUTION', 'first', 'conflicts'],
      ['KEEP_BOTH', 'first', 'successful'],
    ] as const) {
      const ground = await startTravel({ CONFLICT_RESOLUTION_STRATEGY: strategy });
      const person = await ground.person();
      const { note } = await journalOf(person);
      await pushed(person.on('a'), { memories: [update(note.id, 1, { address: 'first' })] });
      const answer = await person
        .on('b')
        .push({ memories: [update(note.id, 1, { address: 'late' }, later(1))] });
      expect([strategy, answer[answered].length, answer.failed]).toEqual([strategy, 1, []]);
      const { memories } = await person.pull();
      expect(memories.find(({ id }: Loose) => id === note.id).address).toBe(address);
      expect(memories.map((one: Loose) => one.address).sort()).toEqual(
        strategy === 'KEEP_BOTH' ? ['first', 'late'] : [address],
      );
      await ground.close();
    }
  });

  test('F2 the values that lost are not gone: the conflict has them, and brings them back', async () => {
    const person = await automatic.person();
    const { note } = await journalOf(person);
    await pushed(person.on('a'), { memories: [update(note.id, 1, { address: 'late' }, later(5))] });
    const { successful } = await person
      .on('b')
      .push({ memories: [update(note.id, 1, { address: 'early' }, later(1))] });
    expect(successful).toMatchObject([{ outcome: 'conflict', winner: 'server' }]);
    const [conflict] = await conflictsOf(person);
    expect(conflict).toMatchObject({ id: successful[0].conflictId, status: 'resolved', winner: 'server' });
    const undo = await resolve(person, conflict.id, 'MANUAL_RESOLUTION', conflict.remoteData);
    expect(undo.errors).toEqual([]);
    expect((await seen(person.on('a'), 'memories', note)).address).toBe('early');
  });
});

describe('F3', () => {
  test('F3 an edit of what somebody deleted is a DELETION_CONFLICT, with the edit kept', async () => {
    const person = await manual.person();
    const { note } = await journalOf(person);
    const [a, b] = [person.on('a'), person.on('b')];
    await a.pull();
    await pushed(a, { memories: [remove(note.id, 1)] });
    const { conflicts } = await b.push({
      memories: [update(note.id, 1, { content: 'Still mine.' }, later(5))],
    });
    expect(conflicts).toMatchObject([
      { conflictType: 'DELETION_CONFLICT', entityId: note.id, remoteData: '{"content":"Still mine."}' },
    ]);
    expect(await seen(person, 'memories', note)).toBeUndefined();
    // The later edit: it wins, and the memory is back, with its picture.
    expect((await resolve(b, conflicts[0].id, 'LAST_WRITE_WINS')).errors).toEqual([]);
    const page = await a.pull();
    expect([page.memories[0].content, page.mediaItems.length]).toEqual(['Still mine.', 1]);
  });

  test('F3 a deletion of what somebody edited meanwhile does not silently win', async () => {
    const person = await manual.person();
    const { note } = await journalOf(person);
    await pushed(person.on('a'), { memories: [update(note.id, 1, { content: 'Just written.' })] });
    const { conflicts } = await person.on('b').push({ memories: [remove(note.id, 1, later(5))] });
    expect(conflicts).toMatchObject([{ conflictType: 'DELETION_CONFLICT', remoteData: 'null' }]);
    expect((await seen(person, 'memories', note)).content).toBe('Just written.');
    expect(
      (await resolve(person, conflicts[0].id, 'MANUAL_RESOLUTION', { content: 'Kept.' })).errors,
    ).toEqual([]);
    expect((await seen(person.on('b'), 'memories', note)).content).toBe('Kept.');
  });

  test('F3 a parent that is gone, foreign or unknown is a DEPENDENCY_CONFLICT, one answer for the three', async () => {
    const [person, other] = [await manual.person(), await manual.person()];
    const [gone, foreign] = [trip(), trip()];
    await pushed(person, { trips: [gone] });
    await pushed(other, { trips: [foreign] });
    await pushed(person, { trips: [remove(gone.id, 1)] });
    const rows = [gone.id, foreign.id, randomUUID()].map((tripId) => memory(tripId));
    const { conflicts } = await person.push({ memories: rows });
    const shape = ({ id: _i, entityId: _e, index: _x, remoteData: _r, timestamp: _t, ...rest }: Loose) =>
      rest;
    expect(conflicts).toHaveLength(3);
    expect(conflicts[0]).toMatchObject({
      conflictType: 'DEPENDENCY_CONFLICT',
      status: 'pending',
      localData: 'null',
    });
    for (const conflict of conflicts) expect(shape(conflict)).toEqual(shape(conflicts[0]));
    expect((await person.pull()).memories).toEqual([]);
    expect((await other.pull()).memories).toEqual([]);
  });

  test('F3 what waited for its parent is there as soon as that comes, and its conflict is over', async () => {
    const person = await manual.person();
    const parent = trip();
    const note = memory(parent.id);
    await person.on('a').push({ memories: [note] });
    expect(await conflictsOf(person)).toMatchObject([{ conflictType: 'DEPENDENCY_CONFLICT' }]);
    await pushed(person.on('b'), { trips: [parent] });
    await expect.poll(() => seen(person, 'memories', note)).toMatchObject({ id: note.id, syncVersion: 1 });
    expect(await conflictsOf(person)).toEqual([]);
  });

  test('F3 whoever loses the race of two edits at once is told so: CONCURRENT_MODIFICATION', async () => {
    const types = new Set<string>();
    for (let round = 0; round < 20 && !types.has('CONCURRENT_MODIFICATION'); round++) {
      const person = await manual.person();
      const { note } = await journalOf(person);
      const answers = await Promise.all(
        Array.from({ length: 6 }, (_, at) =>
          person.on(`racer ${at}`).push({ memories: [update(note.id, 1, { address: `${at}` })] }),
        ),
      );
      const conflicts = answers.flatMap((answer) => answer.conflicts);
      expect([conflicts.length, answers.flatMap((answer) => answer.successful).length]).toEqual([5, 1]);
      for (const { conflictType } of conflicts) types.add(conflictType);
    }
    expect(types).toContain('CONCURRENT_MODIFICATION');
    types.delete('CONCURRENT_MODIFICATION');
    expect([...types].every((type) => type === 'VERSION_MISMATCH')).toBe(true);
  });
});

describe('F4', () => {
  test('F4 LAST_WRITE_WINS takes the later edit, FIRST_WRITE_WINS the server’s', async () => {
    for (const [strategy, tabletMinutes, address] of [
      ['LAST_WRITE_WINS', 5, 'tablet'],
      ['LAST_WRITE_WINS', 1, 'phone'],
      ['FIRST_WRITE_WINS', 5, 'phone'],
    ] as const) {
      const person = await manual.person();
      const { note } = await journalOf(person);
      await pushed(person.on('phone'), { memories: [update(note.id, 1, { address: 'phone' }, later(3))] });
      const { conflicts } = await person
        .on('tablet')
        .push({ memories: [update(note.id, 1, { address: 'tablet' }, later(tabletMinutes))] });
      const { data } = await resolve(person, conflicts[0].id, strategy);
      expect(data.resolveConflict).toMatchObject({ strategy, newEntityId: null });
      expect([strategy, (await seen(person, 'memories', note)).address]).toEqual([strategy, address]);
    }
  });

  test('F4 MANUAL_RESOLUTION without data is refused, and the conflict stays open', async () => {
    const { tablet, conflict } = await conflicted();
    for (const data of [undefined, '', 'null', '[]']) {
      expect(codeOf(await resolve(tablet, conflict.id, 'MANUAL_RESOLUTION', data))).toBe('BAD_USER_INPUT');
    }
    expect(await conflictsOf(tablet)).toMatchObject([{ status: 'pending' }]);
  });

  test('F4 KEEP_BOTH can not be where there is nothing to keep, or nowhere to keep it', async () => {
    const person = await manual.person();
    const { note, parent } = await journalOf(person);
    await pushed(person.on('a'), {
      memories: [update(note.id, 1, { address: 'a' })],
      trips: [update(parent.id, 1, { name: 'a' })],
    });
    const { conflicts } = await person.on('b').push({
      memories: [remove(note.id, 1)],
      trips: [update(parent.id, 1, { name: 'b' })],
    });
    expect(conflicts).toHaveLength(2);
    for (const { id } of conflicts) {
      expect(codeOf(await resolve(person.on('b'), id, 'KEEP_BOTH'))).toBe('STRATEGY_IMPOSSIBLE');
    }
    expect((await person.pull()).memories).toHaveLength(1);
  });

  test('F4 KEEP_BOTH of a tag gives the second one another name', async () => {
    const person = await manual.person();
    const tag = create({ name: 'Beach', color: 'blue' });
    await pushed(person, { tags: [tag] });
    await pushed(person.on('a'), { tags: [update(tag.id, 1, { color: 'red' })] });
    const { conflicts } = await person.on('b').push({ tags: [update(tag.id, 1, { color: 'green' })] });
    const { data } = await resolve(person.on('b'), conflicts[0].id, 'KEEP_BOTH');
    const { tags } = await person.pull();
    expect(tags).toHaveLength(2);
    const second = tags.find(({ id }: Loose) => id === data.resolveConflict.newEntityId);
    expect(second.color).toBe('green');
    expect(second.name).toMatch(/^Beach \(/);
  });
});

describe('F5', () => {
  test('F5 resolved twice, also at the same time, it is resolved once', async () => {
    const { person, phone, tablet, note, conflict } = await conflicted();
    const values = ['one', 'two', 'three', 'four'];
    const answers = await Promise.all(
      values.map((address, at) =>
        resolve(at % 2 ? phone : tablet, conflict.id, 'MANUAL_RESOLUTION', { address }),
      ),
    );
    expect(answers.map(({ errors }) => errors)).toEqual(values.map(() => []));
    for (const { data } of answers) expect(data).toEqual(answers[0]!.data);
    const { address } = JSON.parse(answers[0]!.data.resolveConflict.resolvedData);
    expect(values).toContain(address);
    expect(await seen(person, 'memories', note)).toMatchObject({ address, syncVersion: 3 });
  });

  test('F5 when the record has moved on it is shown anew, and can be decided then', async () => {
    const { phone, tablet, note, conflict } = await conflicted();
    await pushed(phone, { memories: [update(note.id, 2, { address: 'phone again' })] });
    const stale = await resolve(tablet, conflict.id, 'MANUAL_RESOLUTION', { address: 'x' });
    expect([codeOf(stale), stale.data]).toEqual(['CONFLICT_MOVED', null]);
    expect((await seen(phone, 'memories', note)).address).toBe('phone again');
    const fresh = (await conflictsOf(tablet))[0];
    expect([fresh.id, fresh.localVersion]).toEqual([conflict.id, 3]);
    expect(JSON.parse(fresh.localData).address).toBe('phone again');
    expect((await resolve(tablet, conflict.id, 'MANUAL_RESOLUTION', { address: 'y' })).errors).toEqual([]);
    expect((await seen(phone, 'memories', note)).address).toBe('y');
  });

  test('F5 other fields may move on meanwhile', async () => {
    const { phone, tablet, note, conflict } = await conflicted();
    await pushed(phone, { memories: [update(note.id, 2, { title: 'Moved on' })] });
    expect((await resolve(tablet, conflict.id, 'MANUAL_RESOLUTION', { address: 'x' })).errors).toEqual([]);
    expect(await seen(phone, 'memories', note)).toMatchObject({ title: 'Moved on', address: 'x' });
  });
});

test('F6 a resolution is a change like any other: version, feed, log, and every member hears of it', async () => {
  const owner = await manual.person();
  const { tablet, note, parent, conflict } = await conflicted(owner);
  const member = await manual.person();
  await share(owner, parent.id, member);
  const replica = replicaOf(member);
  await replica.sync();
  const { data } = await resolve(tablet, conflict.id, 'MANUAL_RESOLUTION', { address: 'decided' });
  const [page] = await replica.sync();
  expect(page).toMatchObject({
    totalCount: 1,
    memories: [{ id: note.id, address: 'decided', syncVersion: 3 }],
  });
  expect(data.resolveConflict.syncVersion).toBe(3);
  const lines = await manual.sql(
    'SELECT version, actor_id, before FROM sync_log WHERE id = $1 ORDER BY seq DESC',
    [note.id],
  );
  expect(lines[0]).toMatchObject({ version: 3, actor_id: owner.userId, before: { locationName: 'phone' } });
  // And the next edit is based on it.
  await pushed(tablet, { memories: [update(note.id, 3, { address: 'later' })] });
  expect((await seen(member, 'memories', note)).address).toBe('later');
});

test('F7 conflicts come newest first, as many as asked for, from 1 to the maximum', async () => {
  const person = await manual.person();
  const ids: string[] = [];
  for (let at = 0; at < 3; at++) ids.unshift((await conflicted(person)).conflict.id);
  expect((await conflictsOf(person)).map(({ id }) => id)).toEqual(ids);
  expect((await conflictsOf(person, { limit: 2 })).map(({ id }) => id)).toEqual(ids.slice(0, 2));
  expect((await conflictsOf(person, { limit: 500 })).map(({ id }) => id)).toEqual(ids);
  const stamps = (await conflictsOf(person)).map(({ timestamp }) => Date.parse(timestamp));
  expect(stamps).toEqual(stamps.toSorted((a, b) => b - a));
  for (const limit of [0, -1, 501, 2_147_483_647]) {
    const answer = await person.ask(`{ getConflicts(limit: ${limit}) { id } }`);
    expect([limit, answer.status, codeOf(answer)]).toEqual([limit, 200, 'BAD_USER_INPUT']);
  }
});

describe('F8', () => {
  test.each([
    ['CONFLICT_RESOLUTION_STRATEGY', 'LAST_ONE_WINS'],
    ['CONFLICT_RESOLUTION_STRATEGY', 'last_write_wins'],
    ['SYNC_BATCH_SIZE', '0'],
    ['SYNC_BATCH_SIZE', '-100'],
    ['SYNC_BATCH_SIZE', 'many'],
    ['SYNC_BATCH_SIZE', '5001'],
    ['SYNC_CACHE_TTL', '1h'],
    ['SYNC_CACHE_TTL', '-1'],
    ['REDIS_URL', 'localhost'],
  ])('F8 %s=%s does not start, and the setting is named', (name, value) => {
    const parsed = parseConfig({ [name]: value });
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.problems).toEqual([expect.stringMatching(new RegExp(`^${name}: `))]);
  });

  test('F8 SYNC_BATCH_SIZE is the size of a page when the caller names none', async () => {
    const ground = await startTravel({ SYNC_BATCH_SIZE: '3' });
    const person = await ground.person();
    await journalOf(person);
    expect(await person.pull({ batchSize: null })).toMatchObject({
      batchSize: 3,
      hasMore: true,
      totalCount: 7,
    });
    await ground.close();
  });
});
