/** Gaps C: transactions, order, and calls that come twice. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  create,
  type Ground,
  idsIn,
  journal,
  type Loose,
  later,
  media,
  memory,
  type Person,
  pushed,
  remove,
  seen,
  startTravel,
  TYPES,
  track,
  trip,
  update,
} from './ground.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await startTravel();
});
afterAll(() => ground.close());

describe('C1', () => {
  test('C1 a row that is refused takes no other with it, and what is answered as successful is there', async () => {
    const own = await ground.person();
    const parent = trip();
    const good = [memory(parent.id), memory(parent.id), memory(parent.id)];
    const answer = await own.push({
      trips: [parent],
      tags: [create({ name: '' }), create({ name: 'Beach' })],
      memories: [
        good[0],
        memory(parent.id, { title: null }),
        good[1],
        update(randomUUID(), 1, { title: 'x' }),
        { ...memory(parent.id), operation: 'REPLACE' },
        good[2],
      ],
    });
    expect(answer.failed.map((one: Loose) => [one.entityType, one.index])).toEqual([
      ['Tag', 0],
      ['Memory', 1],
      ['Memory', 3],
      ['Memory', 4],
    ]);
    const there = idsIn(await own.on('tablet').pull());
    expect(there.sort()).toEqual(answer.successful.map((one: Loose) => one.entityId).sort());
    expect(there).toHaveLength(5);
  });

  test('C1 a row that the database itself refuses is found, and all others are committed', async () => {
    await ground.sql(`CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'pg_poison: this row violates everything'; END $$`);
    await ground.sql(`CREATE TRIGGER poison BEFORE INSERT OR UPDATE ON record FOR EACH ROW
      WHEN (NEW.doc::text LIKE '%poisoned%') EXECUTE FUNCTION refuse_poison()`);
    try {
      const [own, other] = [await ground.person(), await ground.person()];
      const parent = trip();
      const notes = Array.from({ length: 20 }, (_, at) =>
        memory(parent.id, { title: at === 11 ? 'poisoned' : `Note ${at}` }),
      );
      const bystander = trip();
      const [answer] = await Promise.all([
        own.push({ trips: [parent], memories: notes }),
        pushed(other, { trips: [bystander] }),
      ]);
      expect(answer.failed).toMatchObject([
        { entityId: notes[11]!.id, index: 11, code: 'INTERNAL', retryable: true },
      ]);
      expect(answer.successful).toHaveLength(20);
      const there = idsIn(await own.on('tablet').pull());
      expect(there.sort()).toEqual(answer.successful.map((one: Loose) => one.entityId).sort());
      expect(idsIn(await other.pull())).toEqual([bystander.id]);
    } finally {
      await ground.sql('DROP TRIGGER poison ON record');
    }
  });
});

test('C2 of many edits at once none is lost: each is applied, or kept in a conflict', async () => {
  const own = await ground.person();
  const { input, note } = journal();
  await pushed(own, input);
  const devices = Array.from({ length: 12 }, (_, at) => own.on(`device ${at}`));
  const answers = await Promise.all(
    devices.map((device, at) =>
      device.push({
        memories: [
          update(note.id, 1, { address: `Address ${at}`, ...(at === 5 && { title: 'Five' }) }, later(at)),
        ],
      }),
    ),
  );
  for (const answer of answers) expect(answer).toMatchObject({ successful: [{}], conflicts: [], failed: [] });
  const lines = await ground.sql(
    `SELECT version, outcome FROM sync_log WHERE id = $1 AND outcome <> 'refed' ORDER BY seq`,
    [note.id],
  );
  expect(lines.map(({ version }) => version)).toEqual(lines.map((_, at) => at + 1));
  const record = await seen(own, 'memories', note);
  expect(record).toMatchObject({ syncVersion: lines.length, title: 'Five', address: 'Address 11' });

  const bodies = await ground.sql('SELECT body FROM sync_conflict WHERE entity_id = $1', [note.id]);
  const kept = JSON.stringify([record, bodies]);
  for (let at = 0; at < devices.length; at++) expect(kept).toContain(`"Address ${at}"`);
  const seqs = await ground.sql('SELECT seq FROM sync_log WHERE scope_id = $1 ORDER BY seq', [
    `trip:${note.tripId}`,
  ]);
  expect(seqs.map(({ seq }) => Number(seq))).toEqual(seqs.map((_, at) => at + 1));
});

test('C3 what was received is counted: of all types, whatever became of it', async () => {
  const own = await ground.person();
  const { input } = journal();
  const answer = await own.push({
    ...input,
    tags: [...input.tags, create({ name: 5 })],
    memories: [...input.memories, memory(randomUUID())],
  });
  expect(answer.processedCount).toBe(9);
  const { successful, conflicts, failed } = answer;
  expect([successful.length, conflicts.length, failed.length]).toEqual([7, 1, 1]);
  expect(successful.map((one: Loose) => one.entityType)).toEqual(Object.keys(TYPES));
});

describe('C4', () => {
  test('C4 deletions may come in any order, parents before children too', async () => {
    for (const orderOf of [(rows: Loose[]) => rows, (rows: Loose[]) => rows.toReversed()]) {
      const own = await ground.person();
      const { input, parent, note, picture, way } = journal();
      await pushed(own, input);
      const rows = [
        ['trips', parent],
        ['memories', note],
        ['mediaItems', picture],
        ['gpxTracks', way],
      ] as [string, { id: string }][];
      const lists = Object.fromEntries(orderOf(rows).map(([list, { id }]) => [list, [remove(id, 1)]]));
      const answer = await pushed(own, lists);
      expect(answer.successful).toHaveLength(4);
      const page = await own.on('tablet').pull();
      expect(page).toMatchObject({ trips: [], memories: [], mediaItems: [], gpxTracks: [] });
      expect(idsIn(page)).toHaveLength(3);
    }
  });

  test('C4 a memory and its track may name each other from the start', async () => {
    const own = await ground.person();
    const parent = trip();
    const way = track(parent.id);
    const note = memory(parent.id, { gpxTrackId: way.id });
    await pushed(own, { trips: [parent], memories: [note], gpxTracks: [{ ...way, memoryId: note.id }] });
    const page = await own.on('tablet').pull();
    expect([page.memories[0].gpxTrackId, page.gpxTracks[0].memoryId]).toEqual([way.id, note.id]);
  });

  test('C4 what needs a row that failed is not tried, and says which one that was', async () => {
    const own = await ground.person();
    const parent = trip({ startDate: 'gestern' });
    const note = memory(parent.id);
    const other = trip();
    const answer = await own.push({
      trips: [parent, other],
      memories: [note, memory(other.id)],
      mediaItems: [media(note.id)],
    });
    expect(answer.failed.map((one: Loose) => [one.entityType, one.code])).toEqual([
      ['Trip', 'INVALID'],
      ['Memory', 'DEPENDENCY_FAILED'],
      ['MediaItem', 'DEPENDENCY_FAILED'],
    ]);
    expect(answer.failed[1].error).toContain(parent.id);
    expect(answer.successful).toHaveLength(2);
    const page = await own.pull();
    expect([page.totalCount, page.conflicts]).toEqual([2, []]);
  });
});

describe('C5', () => {
  test('C5 the same call many times at once has one effect and one answer', async () => {
    const own = await ground.person();
    const { input, note } = journal();
    const nameless = { ...memory(note.tripId as string), id: undefined, clientId: 'local-1' };
    const call = { ...input, memories: [note, nameless] };
    const answers: Loose[] = await Promise.all(Array.from({ length: 8 }, () => own.push(call)));
    const facts = (answer: Loose) =>
      answer.successful.map((one: Loose) => [one.entityId, one.syncVersion, one.seq, one.updatedAt]);
    for (const answer of answers) {
      expect(answer).toMatchObject({ conflicts: [], failed: [] });
      expect(facts(answer)).toEqual(facts(answers[0]));
    }
    expect(answers.filter((answer) => !answer.successful[0].replayed)).toHaveLength(1);
    const page = await own.on('tablet').pull();
    expect(idsIn(page)).toHaveLength(8);
    const lines = await ground.sql('SELECT id FROM sync_log WHERE actor_id = $1 AND type <> $2', [
      own.userId,
      'ackord.Member',
    ]);
    expect(lines).toHaveLength(8);
  });

  test('C5 an update sent again after somebody else went on takes nothing back', async () => {
    const own = await ground.person();
    const { input, note } = journal();
    await pushed(own, input);
    const call = { memories: [update(note.id, 1, { title: 'First' })] };
    const first = await pushed(own, call);
    await pushed(own.on('tablet'), { memories: [update(note.id, 2, { title: 'Second' })] });
    const again = await pushed(own, call);
    expect(again.successful).toMatchObject([
      { replayed: true, syncVersion: first.successful[0].syncVersion, outcome: 'applied' },
    ]);
    expect(await seen(own, 'memories', note)).toMatchObject({ title: 'Second', syncVersion: 3 });
  });

  test('C5 what a record holds already is a success and no new version', async () => {
    const own = await ground.person();
    const { input, note } = journal();
    await pushed(own, input);
    await pushed(own, { memories: [update(note.id, 1, { title: 'Same' })] });
    const { successful } = await pushed(own.on('tablet'), {
      memories: [update(note.id, 1, { title: 'Same' }, later(1))],
    });
    expect(successful).toMatchObject([{ outcome: 'applied', syncVersion: 2 }]);
    expect((await seen(own, 'memories', note)).syncVersion).toBe(2);
  });
});

test('C6 every row can be told in the answer, with or without an id, whatever became of it', async () => {
  const own = await ground.person();
  const parent = { ...trip(), id: undefined, clientId: 'trip-local' };
  const answer = await own.push({
    trips: [parent, { ...trip({ name: null }), id: undefined, clientId: 'bad-local' }],
    memories: [{ ...memory(randomUUID()), clientId: 'early-local' }],
  });
  expect(answer.successful).toMatchObject([
    { entityType: 'Trip', clientId: 'trip-local', index: 0, syncVersion: 1, operation: 'CREATE' },
  ]);
  expect(answer.failed).toMatchObject([
    { entityType: 'Trip', entityId: 'unknown', clientId: 'bad-local', index: 1 },
  ]);
  expect(answer.conflicts).toMatchObject([{ entityType: 'Memory', clientId: 'early-local', index: 0 }]);
  const [made] = answer.successful;
  const record = await seen(own.on('tablet'), 'trips', { id: made.entityId });
  expect([record.syncVersion, record.updatedAt]).toEqual([made.syncVersion, made.updatedAt]);
});

describe('C7', () => {
  test('C7 several operations on one record are applied in their order', async () => {
    const own = await ground.person();
    const parent = trip();
    const note = memory(parent.id, { title: 'One' });
    const answer = await pushed(own, {
      trips: [parent],
      memories: [
        note,
        update(note.id, 1, { title: 'Two' }),
        update(note.id, 1, { title: 'Three', content: 'x' }),
        update(note.id, 3, { content: 'y' }),
      ],
    });
    const versions = answer.successful.filter((one: Loose) => one.entityType === 'Memory');
    expect(versions.map((one: Loose) => one.syncVersion)).toEqual([1, 2, 3, 4]);
    expect(await seen(own.on('tablet'), 'memories', note)).toMatchObject({
      title: 'Three',
      content: 'y',
      syncVersion: 4,
    });
    await pushed(own, { memories: [update(note.id, 4, { title: 'Last' }), remove(note.id, 4)] });
    expect(await seen(own, 'memories', note)).toBeUndefined();
  });

  test('C7 made and deleted in one call, a record is deleted', async () => {
    const own = await ground.person();
    const parent = trip();
    const note = memory(parent.id);
    await pushed(own, { trips: [parent], memories: [note, remove(note.id, 1)] });
    const page = await own.pull();
    expect([page.memories, page.deleted.memories]).toEqual([[], [note.id]]);
  });
});

test('C8 whoever makes a trip owns it from the same commit on; a trip that is refused has no members', async () => {
  const own = await ground.person();
  const [good, bad] = [trip(), trip({ startDate: null })];
  await own.push({ trips: [good, bad] });
  const document = 'query M($id: ID!) { getTripMembers(tripId: $id) { userId role } }';
  const { getTripMembers } = await own.data(document, { id: good.id });
  expect(getTripMembers).toEqual([{ userId: own.userId, role: 'OWNER' }]);
  const members = await ground.sql(
    `SELECT m.scope_id, m.granted_at = r.created_at AS together FROM member m JOIN record r ON r.scope_id = m.scope_id
     WHERE m.user_id = $1`,
    [own.userId],
  );
  expect(members).toEqual([{ scope_id: `trip:${good.id}`, together: true }]);
});

describe('C9', () => {
  test('C9 a name that is taken does not stop the batch: the tags become one, and links lead to it', async () => {
    const own = await ground.person();
    const tag = create({ name: 'Beach' });
    await pushed(own, { tags: [tag] });
    const tablet = own.on('tablet');
    const { nextCursor } = await tablet.pull();
    const [twin, parent] = [create({ name: 'beach', color: 'blue' }), trip()];
    const note = memory(parent.id, { tagIds: [twin.id] });
    const answer = await pushed(tablet, {
      tags: [twin, create({ name: 'Dune' })],
      trips: [parent],
      memories: [note],
    });
    expect(answer.successful[0]).toMatchObject({ entityId: twin.id, canonicalId: tag.id });
    expect(answer.successful).toHaveLength(4);
    const page = await own.pull();
    expect(page.tags.map(({ name }: Loose) => name).sort()).toEqual(
      [page.tags.find(({ id }: Loose) => id === tag.id).name, 'Dune'].sort(),
    );
    expect(page.memories[0].tagIds).toEqual([tag.id]);
    expect((await tablet.pull({ cursor: nextCursor })).deleted.tags).toEqual([twin.id]);
  });

  test('C9 a rename to a name that is taken is refused, and changes nothing', async () => {
    const own = await ground.person();
    const [beach, dune] = [create({ name: 'Beach' }), create({ name: 'Dune' })];
    await pushed(own, { tags: [beach, dune] });
    const answer = await own.push({
      tags: [update(dune.id, 1, { name: ' BEACH ' })],
      tagCategories: [create({ name: 'Beach' })],
    });
    expect(answer.failed).toMatchObject([{ entityType: 'Tag', code: 'UNIQUE', field: 'name' }]);
    expect(answer.successful).toHaveLength(1);
    expect(await seen(own, 'tags', dune)).toMatchObject({ name: 'Dune', syncVersion: 1 });
  });
});

test('C10 a thousand rows take no more statements than ten, and one transaction', async () => {
  const own = await ground.person();
  const parent = trip();
  await pushed(own, { trips: [parent] });
  const rows = (count: number) => Array.from({ length: count }, () => memory(parent.id));
  await pushed(own, { memories: rows(10) });
  const few = await statementsOf(() => pushed(own, { memories: rows(10) }));
  const many = await statementsOf(() => pushed(own, { memories: rows(1_000) }));
  expect(few).toBeGreaterThan(3);
  expect(many).toBeLessThanOrEqual(few + 2);
  const transactions = await ground.sql(
    `SELECT count(DISTINCT xmin::text) AS count FROM record WHERE owner_id = $1 GROUP BY created_at`,
    [parent.id],
  );
  expect(transactions.map(({ count }) => Number(count))).toEqual([1, 1, 1]);
});

/** What goes to the database while the work runs, counted at the driver. */
async function statementsOf(work: () => Promise<unknown>): Promise<number> {
  const { prototype } = pg.Client;
  const original = prototype.query;
  let count = 0;
  prototype.query = function counted(this: pg.Client, ...args: never[]) {
    count++;
    return (original as Loose).apply(this, args);
  } as never;
  try {
    await work();
  } finally {
    prototype.query = original;
  }
  return count;
}

describe('C11', () => {
  test('C11 hundreds of calls at once are all answered, on a bounded number of connections', async () => {
    const people: Person[] = [];
    for (let at = 0; at < 10; at++) people.push(await ground.person());
    let most = 0;
    let done = false;
    const watch = (async () => {
      while (!done) {
        const [{ count }] = (await ground.sql(
          'SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()',
        )) as [Loose];
        most = Math.max(most, Number(count));
      }
    })();
    const calls = Array.from({ length: 300 }, (_, at) => {
      const person = people[at % people.length]!;
      return at % 3 === 0 ? person.pull() : pushed(person, { trips: [trip()] });
    });
    await Promise.all(calls).finally(() => {
      done = true;
    });
    await watch;
    // The server's own ten, and the two of this test.
    expect(most).toBeLessThanOrEqual(12);
    for (const person of people) expect((await person.pull()).trips).toHaveLength(20);
  });

  test('C11 when more waits than there is room for, rows are turned away with a time to come again', async () => {
    const own = await ground.person();
    const parent = trip();
    await pushed(own, { trips: [parent] });
    const holder = new pg.Client({ connectionString: ground.server.database.ownerUrl });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT FROM ackord.scope WHERE id = $1 FOR UPDATE', [`trip:${parent.id}`]);
    const rows = () =>
      Array.from({ length: 10_000 }, () => ({
        ...update(parent.id, 1, { name: 'Brittany' }),
        changeId: randomUUID(),
      }));
    const document = `mutation S($input: BulkSyncInput!) { bulkSync(input: $input) {
      processedCount successful { index } failed { code retryable retryAfterMs } } }`;
    const call = async () => (await own.data(document, { input: { trips: rows() } })).bulkSync;
    // One is being committed, five fill the lane, and the seventh finds no room; nor does the sixth, if it comes while the
    // first stands in the lane again because its scope is held elsewhere.
    const calls = Array.from({ length: 7 }, call);
    const first = await Promise.race(calls);
    expect(first.failed).toHaveLength(10_000);
    expect(first.failed[0]).toEqual({ code: 'BUSY', retryable: true, retryAfterMs: expect.any(Number) });
    expect(first.failed[0].retryAfterMs).toBeGreaterThan(0);
    await holder.query('ROLLBACK');
    await holder.end();
    const outcomes = (await Promise.all(calls)).map((answer) => answer.successful.length);
    expect(outcomes.toSorted((a, b) => a - b).slice(2)).toEqual(Array(5).fill(10_000));
    expect(outcomes.every((count) => count === 0 || count === 10_000)).toBe(true);
    expect(await seen(own, 'trips', parent)).toMatchObject({ syncVersion: 1 });
  });
});
