/** Gaps E: the download. What a device has after its pages is what the server holds for it, no less and no more. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { age } from './aging.ts';
import {
  codeOf,
  create,
  type Ground,
  idsIn,
  journal,
  journalOf,
  LISTS,
  type Loose,
  media,
  memory,
  NEVER,
  PULL,
  pushed,
  remove,
  share,
  startTravel,
  TYPES,
  trip,
  update,
} from './ground.ts';
import { replicaOf } from './replica.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await startTravel();
});
afterAll(() => ground.close());

test('E1 every list is filled with the records of its type', async () => {
  const person = await ground.person();
  const { input } = await journalOf(person);
  const page = await person.on('tablet').pull();
  for (const { list } of Object.values(TYPES)) {
    expect([list, page[list].map(({ id }: Loose) => id)]).toEqual([
      list,
      [input[list as keyof typeof input][0]!.id],
    ]);
  }
});

describe('E2', () => {
  test('E2 pages of any size, while others write, together are the whole', async () => {
    const [person, guest] = [await ground.person(), await ground.person()];
    const parents = Array.from({ length: 5 }, (_, at) => trip({ name: `Trip ${at}` }));
    const notes = parents.flatMap(({ id }) => Array.from({ length: 12 }, () => memory(id)));
    await pushed(person, { trips: parents, memories: notes });
    for (const { id } of parents) await share(person, id, guest, 'WRITE');
    const replica = replicaOf(person.on('slow'), { batchSize: 3 });
    let writing = true;
    const writer = (async () => {
      for (let at = 0; at < 40; at++) {
        const note = notes[(at * 7) % notes.length]!;
        await pushed(guest, {
          memories: [update(note.id, 1, { content: `Round ${at}` }), memory(parents[at % 5]!.id)],
        });
      }
      writing = false;
    })();
    const pages: Loose[] = [];
    while (writing) pages.push(...(await replica.sync()));
    await writer;
    pages.push(...(await replica.sync()));
    for (const page of pages) expect(idsIn(page).length).toBeLessThanOrEqual(6);
    const whole = await person.on('other').pull();
    expect(whole.totalCount).toBe(105);
    for (const list of LISTS)
      for (const record of whole[list]) expect(replica.records.get(`${list}/${record.id}`)).toEqual(record);
    expect(replica.records.size).toBe(105);
  });

  test('E2 hasMore, nextCursor, totalCount and batchSize say what is true', async () => {
    const person = await ground.person();
    const parent = trip();
    await pushed(person, { trips: [parent], memories: Array.from({ length: 9 }, () => memory(parent.id)) });
    const sizes: number[] = [];
    let cursor: string | null = null;
    for (let more = true; more; ) {
      const page: Loose = await person.pull({ cursor, batchSize: 4 });
      expect(page).toMatchObject({ batchSize: 4, totalCount: 10, nextCursor: expect.any(String) });
      sizes.push(idsIn(page).length);
      ({ hasMore: more, nextCursor: cursor } = page);
    }
    expect(sizes).toEqual([4, 4, 2]);
    const first = (await person.pull({ batchSize: 4 })).nextCursor as string;
    for (const spoilt of [
      first.slice(0, -3),
      `${first}x`,
      first.split('').reverse().join(''),
      first.replace(/[a-f]/, '0'),
    ]) {
      if (spoilt === first) continue;
      const answer = await person.ask(PULL, { since: NEVER, batchSize: 4, cursor: spoilt });
      expect([answer.status, String(codeOf(answer)).slice(0, 7)]).toEqual([200, 'CURSOR_']);
    }
  });
});

test('E3 deletions come in pages as well, among everything else', async () => {
  const person = await ground.person();
  const parent = trip();
  const notes = Array.from({ length: 25 }, () => memory(parent.id));
  await pushed(person, { trips: [parent], memories: notes });
  const replica = replicaOf(person.on('tablet'), { batchSize: 7 });
  await replica.sync();
  await pushed(person, { memories: notes.slice(0, 20).map(({ id }) => remove(id, 1)) });
  const pages = await replica.sync();
  expect(pages.map((page) => page.deleted.memories.length)).toEqual([7, 7, 6]);
  expect([...replica.records.keys()].sort()).toEqual(
    [`trips/${parent.id}`, ...notes.slice(20).map(({ id }) => `memories/${id}`)].sort(),
  );
});

test('E4 a page brings the open conflicts of the caller, and nobody else’s', async () => {
  const manual = await startTravel({ CONFLICT_RESOLUTION_STRATEGY: 'MANUAL_RESOLUTION' });
  try {
    const [owner, editor] = [await manual.person(), await manual.person()];
    const { input, parent, note } = journal();
    await pushed(owner, input);
    await share(owner, parent.id, editor, 'WRITE');
    await pushed(owner, { memories: [update(note.id, 1, { address: 'a' })] });
    const { conflicts } = await editor.push({ memories: [update(note.id, 1, { address: 'b' })] });
    expect((await editor.pull()).conflicts).toMatchObject([{ id: conflicts[0].id, entityId: note.id }]);
    const bystander = await manual.person();
    await share(owner, parent.id, bystander);
    expect((await bystander.pull()).conflicts).toEqual([]);
    const answer = await editor.data(
      `mutation { resolveConflict(conflictId: "${conflicts[0].id}", strategy: FIRST_WRITE_WINS) { conflictId } }`,
    );
    expect(answer.resolveConflict.conflictId).toBe(conflicts[0].id);
    expect((await editor.pull()).conflicts).toEqual([]);
  } finally {
    await manual.close();
  }
});

test('E4 a conflict shows on its record on every page, and is found however many decided ones are newer', async () => {
  const manual = await startTravel({ CONFLICT_RESOLUTION_STRATEGY: 'MANUAL_RESOLUTION' });
  try {
    const person = await manual.person();
    const { input, note } = journal();
    await pushed(person, input);
    await pushed(person.on('a'), { memories: [update(note.id, 1, { address: 'a' })] });
    const tablet = person.on('b');
    const { conflicts } = await tablet.push({ memories: [update(note.id, 1, { address: 'b' })] });
    await manual.sql(
      `INSERT INTO sync_conflict (scope_id, id, type, entity_id, actor_id, device_id, status, winner, created_at, body)
       SELECT scope_id, gen_random_uuid(), type, entity_id, actor_id, device_id, 'resolved', 'server', now() + interval '1 hour',
         jsonb_set(body::jsonb, '{status}', '"resolved"')::json
       FROM sync_conflict, generate_series(1, 600) WHERE id = $1`,
      [conflicts[0].id],
    );
    let shown = 0;
    let cursor: string | null = null;
    for (let more = true; more; ) {
      const page: Loose = await tablet.pull({ cursor, batchSize: 1 });
      for (const record of page.memories) {
        shown++;
        expect(record.syncStatus).toBe('CONFLICT');
      }
      if (!page.hasMore) expect(page.conflicts).toMatchObject([{ id: conflicts[0].id }]);
      ({ hasMore: more, nextCursor: cursor } = page);
    }
    expect(shown).toBeGreaterThan(0);
  } finally {
    await manual.close();
  }
});

test('E5 a priority narrows down what is new; it never brings back what is old', async () => {
  const person = await ground.person();
  const rows = ['LOW', 'NORMAL', 'HIGH', 'CRITICAL'].map((syncPriority) =>
    trip({ syncPriority, name: syncPriority }),
  );
  await pushed(person, { trips: rows });
  const names = (page: Loose) => page.trips.map(({ name }: Loose) => name).sort();
  const first = await person.pull({ syncPriority: 'HIGH' });
  expect(names(first)).toEqual(['CRITICAL', 'HIGH']);
  const rest = { syncPriority: 'HIGH', cursor: first.nextCursor };
  expect((await person.pull(rest)).totalCount).toBe(0);
  expect((await person.pull({ syncPriority: 'HIGH', since: first.serverTimestamp })).totalCount).toBe(0);
  await pushed(person, {
    trips: [trip({ name: 'new LOW', syncPriority: 'LOW' }), trip({ name: 'new HIGH', syncPriority: 'HIGH' })],
  });
  expect(names(await person.pull(rest))).toEqual(['new HIGH']);
});

describe('E6', () => {
  test.each([
    [{ entityTypes: ['Tag'] }],
    [{ entityTypes: ['Tag', 'Trip'], batchSize: 1 }],
    [{ syncPriority: 'CRITICAL' }],
  ])('E6 the time of a filtered run hides nothing from a run without the filter: %j', async (filter) => {
    const person = await ground.person();
    const { input } = await journalOf(person);
    await age(ground, person);
    const everything = Object.values(input).map(([row]) => row!.id);
    const anonymous = { headers: { 'x-device-id': '' } };
    const { serverTimestamp } = await person.pull(filter);
    const page = await person.pull({ since: serverTimestamp });
    expect(idsIn(page).sort()).toEqual(everything.sort());
    // From then on this device has them.
    expect((await person.pull({ since: page.serverTimestamp })).totalCount).toBe(0);
    const unnamed = (await person.ask(PULL, { since: NEVER, ...filter }, anonymous)).data.enhancedSync;
    const next = await person.ask(PULL, { since: unnamed.serverTimestamp }, anonymous);
    expect(idsIn(next.data.enhancedSync).sort()).toEqual(everything.sort());
  });

  test('E6 the time of a run without a filter counts for a filtered one', async () => {
    const person = await ground.person();
    await journalOf(person);
    await age(ground, person);
    const { serverTimestamp } = await person.pull();
    await pushed(person, { tags: [create({ name: 'New' })], trips: [trip()] });
    const page = await person.pull({ since: serverTimestamp, entityTypes: ['Tag'] });
    expect([page.totalCount, page.tags[0].name]).toEqual([1, 'New']);
  });

  test('E6 a cursor is of no use with another filter, and says so', async () => {
    const person = await ground.person();
    await journalOf(person);
    const { nextCursor } = await person.pull({ syncPriority: 'HIGH' });
    for (const other of [{}, { syncPriority: 'LOW' }, { syncPriority: 'HIGH', entityTypes: ['Trip'] }]) {
      const answer = await person.ask(PULL, { since: NEVER, batchSize: 10, cursor: nextCursor, ...other });
      expect(codeOf(answer)).toBe('CURSOR_FILTER_CHANGED');
    }
  });
});

describe('E7', () => {
  test('E7 what was stamped before a page and committed after it is on the next page', async () => {
    await ground.sql(`CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_sleep(0.5); RETURN NEW; END $$`);
    await ground.sql(`CREATE TRIGGER dawdle BEFORE INSERT ON record FOR EACH ROW
      WHEN (NEW.doc::text LIKE '%dawdling%') EXECUTE FUNCTION dawdle()`);
    const person = await ground.person();
    const [slow, quick] = [trip({ name: 'dawdling' }), trip({ name: 'quick' })];
    const commit = pushed(person, { trips: [slow] });
    // Until the slow one is under way: its statement sleeps.
    await expect
      .poll(
        async () =>
          (
            await ground.sql(
              `SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()`,
            )
          ).length,
      )
      .toBe(1);
    await pushed(person, { trips: [quick] });
    const [byCursor, byTime] = [await person.on('a').pull(), await person.on('b').pull()];
    expect([idsIn(byCursor), idsIn(byTime)]).toEqual([[quick.id], [quick.id]]);
    const { successful } = await commit;
    expect(Date.parse(successful[0].updatedAt)).toBeLessThan(Date.parse(byTime.serverTimestamp));
    expect(idsIn(await person.on('a').pull({ cursor: byCursor.nextCursor }))).toEqual([slow.id]);
    expect(idsIn(await person.on('b').pull({ since: byTime.serverTimestamp }))).toEqual([slow.id]);
    await ground.sql('DROP TRIGGER dawdle ON record');
  });

  test('E7 a time from the future counts as now, and misses nothing that comes', async () => {
    const person = await ground.person();
    await pushed(person, { trips: [trip()] });
    const page = await person.pull({ since: '2999-01-01T00:00:00.000Z' });
    expect(Date.parse(page.serverTimestamp)).toBeLessThan(Date.now() + 60_000);
    const fresh = trip();
    await pushed(person, { trips: [fresh] });
    expect(idsIn(await person.pull({ since: '2999-01-01T00:00:00.000Z' }))).toContain(fresh.id);
    expect(idsIn(await person.pull({ since: page.serverTimestamp }))).toEqual([fresh.id]);
  });
});

test('E8 a child never comes before its parent, nor half of a call, whatever the size of pages', async () => {
  const [person, reader] = [await ground.person(), await ground.person()];
  const shared = trip();
  await pushed(person, { trips: [shared] });
  await share(person, shared.id, reader);
  let writing = true;
  const writer = (async () => {
    for (let at = 0; at < 25; at++) {
      const note = memory(shared.id, { title: `Note ${at}` });
      await pushed(person, {
        memories: [note],
        mediaItems: Array.from({ length: 4 }, () => media(note.id, { objectName: `${at}.jpg` })),
      });
    }
    writing = false;
  })();
  const readers = [1, 2, 3, 5].map((batchSize) => replicaOf(reader.on(`size ${batchSize}`), { batchSize }));
  while (writing) {
    // The replica itself checks that parents come first.
    for (const replica of readers) {
      const pages = await replica.sync();
      expect(pages.at(-1)).toMatchObject({ consistent: true });
      const count = (list: string) =>
        [...replica.records.keys()].filter((key) => key.startsWith(list)).length;
      expect(count('mediaItems')).toBe(4 * count('memories'));
    }
  }
  await writer;
  for (const replica of readers) {
    await replica.sync();
    expect(replica.records.size).toBe(1 + 25 * 5);
  }
});

test('E11 a batchSize is from 1 to the maximum', async () => {
  const person = await ground.person();
  await journalOf(person);
  for (const batchSize of [0, -1, -2_147_483_648, 5_001, 2_147_483_647]) {
    const answer = await person.ask(PULL, { since: NEVER, batchSize });
    expect([batchSize, answer.status, codeOf(answer)]).toEqual([batchSize, 200, 'BAD_USER_INPUT']);
    expect(answer.errors[0]!.message).toContain('from 1 to 5000');
  }
  for (const batchSize of [1.5, '10', 2 ** 31, [10], { is: 10 }]) {
    const answer = await person.ask(PULL, { since: NEVER, batchSize });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'BAD_USER_INPUT']);
  }
  expect(idsIn(await person.pull({ batchSize: 1 }))).toHaveLength(1);
  expect(idsIn(await person.pull({ batchSize: 5_000 }))).toHaveLength(7);
});

test('E14 what is deleted is gone from lists, counts, relations and names', async () => {
  const person = await ground.person();
  const { tag, parent } = await journalOf(person);
  await pushed(person, { tags: [remove(tag.id, 1)] });
  const again = create({ name: 'Lighthouse' });
  expect((await pushed(person, { tags: [again] })).successful).toMatchObject([
    { entityId: again.id, canonicalId: null },
  ]);
  const page = await person.on('fresh').pull();
  expect(page.tags.map(({ id }: Loose) => id)).toEqual([again.id]);
  expect(page.memories[0].tagIds).toEqual([]);
  await pushed(person, { memories: [remove((page.memories[0] as Loose).id, 1)] });
  const { enhancedSync } = await person.data(
    `{ enhancedSync(lastSyncedAt: "${NEVER}", entityTypes: ["Trip", "GPXTrack"]) { trips { id memories { id } gpxTracks { memoryId } } } }`,
  );
  expect(enhancedSync.trips).toEqual([{ id: parent.id, memories: [], gpxTracks: [{ memoryId: null }] }]);
});

describe('E16', () => {
  test('E16 two devices of one user that push at the same moment each go on from where they were', async () => {
    const person = await ground.person();
    const { parent } = await journalOf(person);
    const [ahead, behind] = [person.on('ahead'), person.on('behind')];
    for (let round = 0; round < 5; round++) {
      await behind.pull();
      const missed = memory(parent.id, { title: 'not read by the one behind' });
      await pushed(person, { memories: [missed] });
      await age(ground, person);
      await ahead.pull();
      const rows = () => ({ memories: [memory(parent.id)] });
      const [, { serverTimestamp }] = await Promise.all([
        pushed(ahead, rows()),
        pushed(behind, rows()),
        pushed(ahead, rows()),
      ]);
      // Without the name of the device, too: then it is not sure whose time this is.
      const unnamed = await behind.ask(
        PULL,
        { since: serverTimestamp, batchSize: 5_000 },
        { headers: { 'x-device-id': '' } },
      );
      expect(idsIn(unnamed.data.enhancedSync)).toContain(missed.id);
      expect(idsIn(await behind.pull({ since: serverTimestamp }))).toContain(missed.id);
    }
  });
});

test('E16 the time of a push of which nothing came about is no position either', async () => {
  const person = await ground.person();
  await journalOf(person);
  await age(ground, person);
  const tablet = person.on('tablet');
  const { serverTimestamp, failed } = await tablet.push({ trips: [trip({ name: 5 })] });
  expect(failed).toHaveLength(1);
  expect(idsIn(await tablet.pull({ since: serverTimestamp }))).toHaveLength(7);
  const nothing = await tablet.push({});
  await person.push({ trips: [trip()] });
  expect(idsIn(await tablet.pull({ since: nothing.serverTimestamp }))).toHaveLength(1);
});
