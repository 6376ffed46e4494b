/** Gaps E: the download. What a device has after its pages is what the server holds for it, no less and no more. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  codeOf,
  conflictsOf,
  create,
  type Ground,
  journal,
  LISTS,
  type Loose,
  later,
  media,
  memory,
  NEVER,
  type Person,
  PULL,
  pushed,
  remove,
  seen,
  share,
  startTravel,
  TYPES,
  trip,
  unshare,
  update,
} from './ground.ts';
import { replicaOf } from './replica.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await startTravel();
});
afterAll(() => ground.close());

async function journalOf(person: Person) {
  const { input, ...rows } = journal();
  await pushed(person, input);
  return { ...rows, input };
}
const idsIn = (page: Loose): string[] => LISTS.flatMap((list) => page[list].map(({ id }: Loose) => id));

/** Makes all that a user did look hours old, so that no overlap of timestamps can hide a gap. */
async function age(person: Person): Promise<void> {
  for (const [table, column] of [
    ['sync_log', 'at'],
    ['member', 'granted_at'],
    ['membership_by_user', 'granted_at'],
    ['scope', 'created_at'],
  ])
    await ground.sql(
      `UPDATE ${table} SET ${column} = ${column} - interval '3 hours' WHERE ${column} > now() - interval '2 hours'`,
    );
  await ground.sql(
    `UPDATE record SET updated_at = updated_at - interval '3 hours', created_at = created_at - interval '3 hours' WHERE created_by = $1`,
    [person.userId],
  );
}

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
    await age(person);
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
    await age(person);
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

describe('E9', () => {
  test('E9 losing access and gaining it again are told, each once', async () => {
    const [owner, guest] = [await ground.person(), await ground.person()];
    const { parent, note, picture, way } = await journalOf(owner);
    const keys = [
      `trips/${parent.id}`,
      `memories/${note.id}`,
      `mediaItems/${picture.id}`,
      `gpxTracks/${way.id}`,
    ].sort();
    const replica = replicaOf(guest);
    for (let round = 0; round < 3; round++) {
      await share(owner, parent.id, guest);
      await replica.sync();
      expect([...replica.records.keys()].sort()).toEqual(keys);
      await unshare(owner, parent.id, guest);
      await replica.sync();
      expect([...replica.records.keys()]).toEqual([]);
    }
    expect(
      (await replica.sync()).map(({ totalCount, droppedScopes }) => [totalCount, droppedScopes]),
    ).toEqual([[0, []]]);
    await pushed(owner, { memories: [update(note.id, 1, { title: 'Behind your back' })] });
    expect(JSON.stringify(await guest.pull())).not.toContain('Behind your back');
  });

  test('E9 access comes and goes by time as well as by cursor', async () => {
    const [owner, guest] = [await ground.person(), await ground.person()];
    const { parent, note } = await journalOf(owner);
    await age(owner);
    const before = await guest.pull();
    await share(owner, parent.id, guest);
    const there = await guest.pull({ since: before.serverTimestamp });
    expect(idsIn(there)).toHaveLength(4);
    await unshare(owner, parent.id, guest);
    const gone = await guest.pull({ since: there.serverTimestamp });
    expect([gone.deleted.trips, gone.deleted.memories]).toEqual([[parent.id], [note.id]]);
    const late = await guest.pull({ since: '2020-01-01T00:00:00.000Z' });
    expect(idsIn(late)).toEqual([]);
  });
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

describe('E12', () => {
  test('E12 an id that is made again is no deletion any more', async () => {
    const person = await ground.person();
    const { note, parent } = await journalOf(person);
    const replica = replicaOf(person.on('tablet'));
    await replica.sync();
    await pushed(person, { memories: [remove(note.id, 1)] });
    await pushed(person, {
      memories: [{ ...memory(parent.id, { title: 'Again' }), id: note.id, clientTimestamp: later(1) }],
    });
    await replica.sync();
    expect(replica.records.get(`memories/${note.id}`)).toMatchObject({ title: 'Again', syncVersion: 3 });
    const page = await person.pull();
    expect([page.memories.length, page.deleted.memories]).toEqual([1, []]);
  });

  test('E12 whoever comes from before the horizon begins anew, and brings nothing back', async () => {
    const person = await ground.person();
    const { note, picture } = await journalOf(person);
    const old = person.on('drawer');
    const { nextCursor } = await old.pull();
    const replica = replicaOf(person);
    await replica.sync();
    await pushed(person, { memories: [remove(note.id, 1)] });
    await replica.sync();
    const long = `interval '200 days'`;
    await ground.sql(
      `UPDATE record SET deleted_at = deleted_at - ${long} WHERE deleted_at IS NOT NULL AND created_by = $1`,
      [person.userId],
    );
    await ground.sql(`UPDATE sync_log SET at = at - ${long} WHERE actor_id = $1`, [person.userId]);
    while (await ground.server.store.trim(Date.now() - 180 * 24 * 3_600_000, 1_000));

    const page = await old.pull({ cursor: nextCursor });
    expect(page).toMatchObject({ fullResyncRequired: true, memories: [], mediaItems: [] });
    expect(page.trips).toHaveLength(1);
    const late = await old.push({
      memories: [update(note.id, 1, { title: 'From the drawer' }, new Date().toISOString())],
      mediaItems: [update(picture.id, 1, { order: 3 }, new Date().toISOString())],
    });
    for (const one of late.successful)
      expect(one).toMatchObject({ outcome: 'conflict', winner: 'server', data: 'null' });
    expect(late.successful).toHaveLength(2);
    expect((await person.pull()).memories).toEqual([]);
    // Refused is not lost: what was typed is kept.
    const kept = (await conflictsOf(old)).map(({ remoteData }) => remoteData);
    expect(kept.join()).toContain('From the drawer');
    expect((await replica.sync()).at(-1).fullResyncRequired).toBe(false);
  });
});

test('E13 a deletion in bulk is told to every member, with all that went along', async () => {
  const [owner, editor, viewer] = [await ground.person(), await ground.person(), await ground.person()];
  const { parent, note, picture, way } = await journalOf(owner);
  await share(owner, parent.id, editor, 'WRITE');
  await share(owner, parent.id, viewer, 'READ');
  const marks = [await viewer.pull(), await owner.pull()];
  await editor.pull();
  await pushed(editor, { memories: [remove(note.id, 1)] });
  for (const page of [
    await viewer.pull({ cursor: marks[0].nextCursor }),
    await viewer.pull({ since: marks[0].serverTimestamp }),
    await owner.pull({ cursor: marks[1].nextCursor }),
  ]) {
    expect(page.deleted).toMatchObject({ trips: [], memories: [note.id], mediaItems: [picture.id] });
  }
  await pushed(owner, { trips: [remove(parent.id, 1)] });
  for (const member of [viewer, editor]) {
    const page = await member.pull({ cursor: member === viewer ? marks[0].nextCursor : null });
    expect(page.trips).toEqual([]);
    if (member === viewer) expect(page.deleted).toMatchObject({ trips: [parent.id], gpxTracks: [way.id] });
  }
  const stranger = await ground.person();
  expect(JSON.stringify((await stranger.pull()).deleted)).not.toContain(parent.id);
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
      await age(person);
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
  await age(person);
  const tablet = person.on('tablet');
  const { serverTimestamp, failed } = await tablet.push({ trips: [trip({ name: 5 })] });
  expect(failed).toHaveLength(1);
  expect(idsIn(await tablet.pull({ since: serverTimestamp }))).toHaveLength(7);
  const nothing = await tablet.push({});
  await person.push({ trips: [trip()] });
  expect(idsIn(await tablet.pull({ since: nothing.serverTimestamp }))).toHaveLength(1);
});

describe('E17', () => {
  test('E17 a device knows offline what it may edit: roles come with the page, and their changes too', async () => {
    const [owner, guest] = [await ground.person(), await ground.person()];
    const { parent } = await journalOf(owner);
    const scope = `trip:${parent.id}`;
    const roleOf = (page: Loose) => page.roles.find((one: Loose) => one.scope === scope)?.role;
    await share(owner, parent.id, guest, 'READ');
    const first = await guest.pull();
    expect([roleOf(first), first.trips[0].role, roleOf(await owner.pull())]).toEqual([
      'VIEWER',
      'VIEWER',
      'OWNER',
    ]);
    await share(owner, parent.id, guest, 'WRITE');
    const second = await guest.pull({ cursor: first.nextCursor });
    expect(roleOf(second)).toBe('EDITOR');
    expect((await seen(guest, 'trips', parent)).role).toBe('EDITOR');
    await pushed(guest, { trips: [update(parent.id, 1, { name: 'Now I may' })] });
    await unshare(owner, parent.id, guest);
    const third = await guest.pull({ cursor: second.nextCursor });
    expect([roleOf(third), third.droppedScopes]).toEqual([undefined, [scope]]);
  });
});
